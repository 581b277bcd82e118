/** Features without a picture of their own: bars only, which take parts away themselves. */
import type { PartsScene } from "../contract";
import { Side as Reasons } from "../side";
import type { BodyProps, View } from "../view";

export const parts: View<PartsScene> = {
  Body: Parts,
  invitation: "click a name to take it away",
  parts: "parts",
  guess: "intercept and the weights of what is present",
  keys: [],
};

function Parts({ desk, Side = Reasons }: BodyProps<PartsScene>) {
  return (
    <div class="rt-body rt-alone">
      <Side desk={desk} toggles onName={(feature) => desk.toggle(feature)} />
    </div>
  );
}
