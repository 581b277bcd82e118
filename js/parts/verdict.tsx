/** The model's answer for every class, and which of them the reasons are for. */
import { useSignal } from "@preact/signals";
import type { Scene } from "../contract";
import type { Desk } from "../desk";
import { count, output } from "../format";
import { Button } from "./button";
import { Choice } from "./field";
import { HowMany } from "./many";

const FEW = 4;

/** Classes in their order; of many the likeliest, the target among them. */
function ranked(
  { classes }: Scene,
  prediction: readonly (number | null)[],
  target: number,
  all: boolean,
): number[] {
  const targets = classes.map((_, i) => i);
  if (targets.length <= FEW) return targets;
  const sorted = targets.sort((a, b) => (prediction[b] ?? -Infinity) - (prediction[a] ?? -Infinity));
  return all ? sorted : sorted.filter((i, rank) => rank < FEW || i === target);
}

export function Verdict({ desk: { scene, reading } }: { desk: Pick<Desk, "scene" | "reading"> }) {
  const all = useSignal(false);
  const { prediction, target } = reading.value;
  const rows = ranked(scene, prediction, target, all.value);
  const more = scene.classes.length - rows.length;
  const shares = scene.scale === "probability";
  return (
    <div class="rt-verdict">
      <ul class={shares ? "rt-classes" : "rt-classes rt-scores"} aria-label="prediction">
        {rows.map((i) => (
          <li key={i} class={i === target ? "rt-class rt-target" : "rt-class"}>
            <span class="rt-class-name" title={scene.classes[i]}>
              {scene.classes[i]}
            </span>
            {shares && (
              <span class="rt-track" aria-hidden>
                <i style={`width:${100 * (prediction[i] ?? 0)}%`} />
              </span>
            )}
            <span class="rt-share">{output(prediction[i], scene.scale)}</span>
          </li>
        ))}
      </ul>
      {scene.classes.length > FEW && (
        <Button
          class="rt-link"
          aria-expanded={all.value}
          onClick={() => {
            all.value = !all.value;
          }}
        >
          {all.value ? "fewer" : `${count(more)} more`}
        </Button>
      )}
    </div>
  );
}

/** The choice of class and of how many bars; neither asks the model. */
export function Aim({ desk, classes = desk.scene.classes }: { desk: Desk; classes?: readonly string[] }) {
  const { reading, wanted } = desk;
  const target = wanted.value?.target ?? reading.value.target;
  const n = desk.rereads ? (wanted.value?.n ?? reading.value.n_features) : desk.shown.value.size;
  return (
    <div class="rt-aim">
      {desk.targets.length > 1 && (
        <Choice
          say="reasons for"
          options={desk.targets.map((i) => [i, classes[i]] as const)}
          now={target}
          onChoose={(wish) => desk.aim(wish, n)}
        />
      )}
      <HowMany
        say="show"
        name="show so many reasons"
        n={n}
        most={desk.most}
        onChange={(wish) => desk.aim(target, wish)}
      />
    </div>
  );
}
