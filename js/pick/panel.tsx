/** A pick: what to read, in what order, and what it shows of the model. */
import { useEffect, useMemo } from "preact/hooks";
import { Instance } from "../card";
import type { PanelHost } from "../panelhost";
import type { PickScene } from "../panels";
import { MarkForm } from "../parts/marks";
import { Curve } from "./curve";
import { Features } from "./features";
import { Found } from "./found";
import { Head } from "./head";
import { PickList, why } from "./list";
import { Matrix } from "./matrix";
import { ordinal, titleOf, truth, verdict } from "./say";
import { PickDesk } from "./store";

export function PickPanel({ host, scene }: { host: PanelHost; scene: PickScene }) {
  const desk = useMemo(() => new PickDesk(host, scene), [host, scene]);
  useEffect(() => () => desk.close(), [desk]);
  const alone = host.row.value === null && !host.opens.value;
  return (
    <div class="rt-pick">
      <Head desk={desk} />
      <div class={alone ? "rt-pick-body rt-nothing-open" : "rt-pick-body"}>
        <div class="rt-pick-left">
          <Found desk={desk} />
          <PickList desk={desk} />
          <Curve desk={desk} />
        </div>
        {!alone && <Opened desk={desk} />}
        <Features desk={desk} />
      </div>
      <Matrix desk={desk} />
      <MarkForm desk={desk} />
    </div>
  );
}

/** The full view of what is open, and why it was picked. */
function Opened({ desk }: { desk: PickDesk }) {
  const { host } = desk;
  const row = desk.open.value;
  const waiting = host.awaited.value !== null;
  return (
    <div class="rt-opened" aria-busy={waiting}>
      {row === null ? (
        <p class="rt-invitation">choose an instance to see it in full; the model is not asked again for it</p>
      ) : (
        <Why desk={desk} row={row} />
      )}
      <div class={waiting ? "rt-opened-view rt-stale" : "rt-opened-view"}>
        <Instance key={host.row.value} host={host} />
      </div>
    </div>
  );
}

const FEW = 12;

function Why({ desk, row }: { desk: PickDesk; row: number }) {
  const { scene, picked } = desk;
  const instance = scene.instances[row];
  const place = picked.value.rows.indexOf(row);
  if (!instance) return null;
  return (
    <div class="rt-why">
      <p class="rt-why-title">{titleOf(scene, row)}</p>
      <p class="rt-card-facts">
        {[verdict(scene, instance), truth(scene, instance)].filter(Boolean).join(" · ")}
      </p>
      <p class="rt-why-words">
        {place < 0 ? "not among the picked" : `picked ${ordinal(place + 1)}: ${why(desk, place, FEW)}`}
      </p>
    </div>
  );
}
