/** Weights as bars on one axis, with their intervals; the same in every view. */
import type { Scene, Weight } from "../contract";
import { signed, spread } from "../format";
import { side } from "../labels";
import { abs, min } from "../maths";
import { margin, reach } from "../surrogate";
import type { Beside } from "../view";
import { Reasons } from "./reasons";

export function Bars(given: Beside) {
  const { scene, reading, shown, digits, wanted } = given.desk;
  const { target, doubt } = reading.value;
  const weights = shown.value;
  const end = reach([...weights.values()]);
  return (
    <div class={doubt ? "rt-bars rt-doubtful" : "rt-bars"} aria-busy={wanted.value !== null}>
      <Reasons
        {...given}
        features={[...weights.keys()]}
        head={
          <li class="rt-legend" aria-hidden>
            <Legend scene={scene} target={target} />
          </li>
        }
        cells={(id) => (
          <Bar weight={weights.get(id) as Weight} end={end} digits={digits.value} {...{ scene, target }} />
        )}
      />
    </div>
  );
}

interface Aimed {
  readonly scene: Scene;
  readonly target: number;
}

/** Which way is which. */
export const Legend = ({ scene, target }: Aimed) => (
  <>
    <span class="rt-against">{side(scene, target, -1)}</span>
    <span class="rt-for">{side(scene, target, 1)}</span>
  </>
);

interface BarProps extends Aimed {
  readonly weight: Weight;
  /** Where the axis ends. */
  readonly end: number;
  readonly digits: number;
}

/** A weight: a bar from zero in the middle, the whisker across its end, and the number. */
export function Bar({ scene, target, weight, end, digits }: BarProps) {
  const [, size] = weight;
  const half = margin(weight);
  const share = (x: number) => (50 * x) / end;
  return (
    <>
      <span class="rt-axis" aria-hidden>
        <i
          class={size < 0 ? "rt-against" : "rt-for"}
          style={`left:${50 + share(min(size, 0))}%;width:${share(abs(size))}%`}
        />
        {half !== null && <u style={`left:${50 + share(size - half)}%;width:${share(2 * half)}%`} />}
      </span>
      <span class="rt-value">
        <span class="rt-unseen">{side(scene, target, size)} </span>
        {signed(size, digits)}
        {half !== null && <small> ±{spread(half, digits)}</small>}
      </span>
    </>
  );
}
