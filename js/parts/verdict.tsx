/** The model's answer for every class, and which of them the reasons are for. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Scene } from "../contract";
import type { Desk } from "../desk";
import { count, output } from "../format";

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

export function Verdict({ desk: { scene, reading } }: { desk: Desk }) {
  const all = useSignal(false);
  const { prediction, target } = reading.value;
  const rows = ranked(scene, prediction, target, all.value);
  const more = scene.classes.length - rows.length;
  return (
    <div class="rt-verdict">
      <ul
        class={scene.scale === "probability" ? "rt-classes" : "rt-classes rt-scores"}
        aria-label="prediction"
      >
        {rows.map((i) => (
          <li key={i} class={i === target ? "rt-class rt-target" : "rt-class"}>
            <span class="rt-class-name" title={scene.classes[i]}>
              {scene.classes[i]}
            </span>
            {scene.scale === "probability" && (
              <span class="rt-track" aria-hidden="true">
                <i style={`width:${100 * (prediction[i] ?? 0)}%`} />
              </span>
            )}
            <span class="rt-share">{output(prediction[i], scene.scale)}</span>
          </li>
        ))}
      </ul>
      {scene.classes.length > FEW && (
        <button
          type="button"
          class="rt-link"
          aria-expanded={all.value}
          onClick={() => {
            all.value = !all.value;
          }}
        >
          {all.value ? "fewer" : `${count(more)} more`}
        </button>
      )}
    </div>
  );
}

/** The choice of class and of how many bars; neither asks the model. */
export function Aim({ desk }: { desk: Desk }) {
  const { scene, reading, wanted } = desk;
  const target = wanted.value?.target ?? reading.value.target;
  const n = desk.host.send ? (wanted.value?.n ?? reading.value.n_features) : desk.shown.value.size;
  return (
    <div class="rt-aim">
      {desk.targets.length > 1 && (
        <label class="rt-field">
          reasons for{" "}
          <select
            class="rt-select"
            value={String(target)}
            onChange={(event) => desk.aim(Number(event.currentTarget.value), n)}
          >
            {desk.targets.map((i) => (
              <option key={i} value={String(i)}>
                {scene.classes[i]}
              </option>
            ))}
          </select>
        </label>
      )}
      <HowMany n={n} most={desk.most} onChange={(wish) => desk.aim(target, wish)} />
    </div>
  );
}

const PAUSE = 300;

/** A number that is asked for once it has rested. */
function HowMany({ n, most, onChange }: { n: number; most: number; onChange: (n: number) => void }) {
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(pause.current), []);
  const typed = (text: string) => {
    clearTimeout(pause.current);
    const wish = Math.min(Math.max(Math.round(Number(text)), 1), most);
    if (text.trim() && wish !== n) pause.current = setTimeout(onChange, PAUSE, wish);
  };
  return (
    <label class="rt-field">
      show{" "}
      <input
        class="rt-input rt-number"
        type="number"
        min={1}
        max={most}
        value={Math.min(n, most)}
        aria-label="show so many reasons"
        onInput={(event) => typed(event.currentTarget.value)}
      />{" "}
      of {count(most)}
    </label>
  );
}
