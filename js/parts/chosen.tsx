/** What can be done with the superpixels that are selected. */
import { useRef } from "preact/hooks";
import { verbs } from "../contract";
import type { Easel } from "../easel";
import { Button } from "./button";

export function Chosen({ easel }: { easel: Easel }) {
  const { desk, chosen } = easel;
  const anchor = useRef<HTMLDivElement>(null);
  const ids = [...chosen.value];
  const busy = desk.status.phase !== "idle";
  // Their numbers change, so the trial ends.
  const reshape = (merge: readonly number[][], split: readonly number[]) => {
    easel.unchoose();
    desk.putBack(false);
    desk.host.send?.(verbs.reshape(merge, split));
  };
  return (
    <div class="rt-chosen-bar" ref={anchor} tabIndex={-1}>
      <b>{ids.length}</b> selected
      <Button disabled={busy || ids.length < 2} onClick={() => reshape([ids], [])}>
        Merge
      </Button>
      <Button disabled={busy} onClick={() => reshape([], ids)}>
        Split
      </Button>
      <Button onClick={() => desk.turn(ids)}>Take away</Button>
      <Button
        onClick={() => {
          desk.marking.value = { features: ids, anchor: anchor.current as HTMLElement };
        }}
      >
        Mark
      </Button>
      <Button onClick={() => easel.unchoose()}>Clear</Button>
    </div>
  );
}
