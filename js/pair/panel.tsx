/** Models side by side on the same instances (section 6.2 of the paper). */
import { useMemo } from "preact/hooks";
import { count } from "../format";
import type { PanelHost } from "../panelhost";
import type { PairScene, Unit } from "../panels";
import { Button } from "../parts/button";
import { MarkForm, MarkList } from "../parts/marks";
import { Progress } from "../parts/progress";
import { Instance } from "./instance";
import { List } from "./list";
import { differs, Pair } from "./store";

const UNITS: Readonly<Record<Unit, string>> = {
  text: "text",
  image: "picture",
  parts: "instance",
  table: "row",
};

export function PairPanel({ host, scene }: { host: PanelHost; scene: PairScene }) {
  const pair = useMemo(() => new Pair(host, scene), [host, scene]);
  return (
    <div class="rt-pair">
      <Head pair={pair} />
      <div class="rt-pair-body">
        <List pair={pair} />
        <div class="rt-pair-open" aria-busy={host.awaited.value !== null}>
          <Instance pair={pair} Form={MarkForm} Marks={MarkList} />
        </div>
      </div>
    </div>
  );
}

function Head({ pair }: { pair: Pair }) {
  const { host, scene, blind } = pair;
  const { length } = scene.instances;
  const apart = scene.instances.filter(differs).length;
  return (
    <div class="rt-head rt-pair-top">
      <span>
        <b>{count(scene.models.length)} models</b> on{" "}
        {length === 1 ? `one ${UNITS[scene.unit]}` : `the same ${count(length)} ${UNITS[scene.unit]}s`}
        {scene.classes.length > 1 && <span class="rt-soft"> – answers differ on {count(apart)}</span>}
      </span>
      <Progress host={host} />
      <Button
        class="rt-button rt-toggle"
        aria-pressed={blind.value}
        title="read the reasons without knowing whose they are"
        onClick={() => pair.hide()}
      >
        Hide which is which
      </Button>
    </div>
  );
}
