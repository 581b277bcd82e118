/** Features without a picture of their own: bars only, which take parts away themselves. */
import type { PartsScene } from "../contract";
import type { Desk } from "../desk";
import { Bars } from "../parts/bars";
import { MarkList } from "../parts/marks";
import type { View } from "../view";

export const parts: View<PartsScene> = {
  Body: Parts,
  invitation: "click a name to take it away",
  parts: "parts",
  guess: "intercept and the weights of what is present",
  keys: [],
};

function Parts({ desk }: { desk: Desk }) {
  return (
    <div class="rt-body rt-alone">
      <div class="rt-side">
        <Bars desk={desk} toggles onName={(feature) => desk.toggle(feature)} />
        <MarkList desk={desk} />
      </div>
    </div>
  );
}
