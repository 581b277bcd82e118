/** The models' reasons beside each other: one line for a feature, one axis for all. */
import type { Weight } from "../contract";
import { Bar, Legend } from "../parts/bars";
import { Fit } from "../parts/facts";
import { Reasons } from "../parts/reasons";
import { Verdict } from "../parts/verdict";
import type { Beside } from "../view";
import { turned } from "./compare";
import { Truth } from "./list";
import type { Opened, Speaker } from "./opened";
import { right } from "./store";

interface Props extends Beside {
  readonly opened: Opened;
}

export function Rows({ opened, ...beside }: Props) {
  const { desk, seated, lines } = opened;
  const byFeature = new Map(lines.value.map((line) => [line.feature, line.weights]));
  return (
    <div
      class="rt-pair-reasons"
      style={`--rt-models:${seated.value.length}`}
      aria-busy={desk.wanted.value !== null}
    >
      <Heads opened={opened} />
      <Reasons
        {...beside}
        features={[...byFeature.keys()]}
        head={null}
        cells={(id) => <Cells opened={opened} weights={byFeature.get(id) ?? []} />}
      />
    </div>
  );
}

/** Above its column: who answers, what, and how far its reasons hold. */
function Heads({ opened: { pair, seated } }: { opened: Opened }) {
  const instance = pair.scene.instances[pair.host.row.value ?? -1];
  const { scene, reading } = seated.value[0] as Speaker;
  return (
    <div class="rt-pair-heads">
      <div class="rt-pair-sides" aria-hidden>
        <Legend scene={scene} target={reading.value.target} />
      </div>
      {seated.value.map((speaker, place) => {
        const model = pair.seats.value[place] ?? 0;
        return (
          <div key={model} class="rt-pair-head">
            <p class="rt-pair-name">
              <b title={pair.names.value[place]}>{pair.names.value[place]}</b>
              {instance && scene.classes.length > 1 && <Truth told={right(instance, model)} inWords />}
            </p>
            <Verdict desk={speaker} />
            <p class="rt-pair-fit">
              <Fit {...speaker.reading.value} />
            </p>
          </div>
        );
      })}
    </div>
  );
}

interface CellsProps {
  readonly opened: Opened;
  readonly weights: readonly (Weight | undefined)[];
}

function Cells({ opened: { pair, seated, end, digits }, weights }: CellsProps) {
  const changed = turned(weights[0], weights.at(-1));
  return (
    <>
      <span class="rt-pair-note">
        {changed && (
          <span title="for in one model, against in the other">
            ⇄<span class="rt-pair-word"> changed sign</span>
          </span>
        )}
      </span>
      {seated.value.map(({ scene, reading: { value: reading } }, place) => {
        const weight = weights[place];
        const given = { scene, target: reading.target, end: end.value, digits: digits.value };
        return (
          <span
            key={pair.seats.value[place]}
            class={reading.doubt ? "rt-pair-cell rt-doubtful" : "rt-pair-cell"}
          >
            {weight ? <Bar weight={weight} {...given} /> : <Zero />}
          </span>
        );
      })}
    </>
  );
}

/** Where another model has a reason and this one has none. */
const Zero = () => (
  <>
    <span class="rt-axis rt-pair-zero" aria-hidden />
    <span class="rt-value rt-soft" title="not among its reasons">
      <span class="rt-unseen">not among its reasons</span>
      <span aria-hidden>0</span>
    </span>
  </>
);
