/** Features without a picture of their own: bars only, which take parts away themselves. */
import type { Desk } from "../desk";
import { Bars } from "../parts/bars";
import { MarkList } from "../parts/marks";

export function Parts({ desk }: { desk: Desk }) {
  return (
    <div class="rt-body rt-alone">
      <div class="rt-side">
        <Bars desk={desk} toggles onName={(feature) => desk.toggle(feature)} />
        <MarkList desk={desk} />
      </div>
    </div>
  );
}
