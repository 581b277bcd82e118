/** What the surrogate misses, by how many parts are absent. */
import type { Study } from "../contract";
import { count, digitsFor, signed } from "../format";
import { abs, max } from "../maths";
import { type Axis, BOX, Chart, upward } from "./chart";
import { Figure } from "./figure";

const RIGHT = 404;
type Band = Study["residuals"][number];

const from = ({ absent: [low, high] }: Band) => (low === high ? `${low}` : `${low}–${high}`);

export function Missed({ residuals, parts }: { residuals: readonly Band[]; parts: string }) {
  if (residuals.length < 2) return null;
  const ends = residuals.flatMap(({ mean, spread }) => [
    (mean ?? 0) - (spread ?? 0),
    (mean ?? 0) + (spread ?? 0),
  ]);
  const digits = digitsFor(max(...ends.map(abs)));
  const y = upward([0, ...ends]);
  const step = (RIGHT - BOX.left) / residuals.length;
  const x = { at: (place: number) => BOX.left + (place + 0.5) * step, ticks: residuals.map((_, i) => i) };
  const told = (i: number) => from(residuals[i] as Band);
  // Where each had its label, long ones would touch.
  const every = residuals.length > 4 && max(...x.ticks.map((i) => told(i).length)) > 4 ? 2 : 1;
  return (
    <Figure
      name="What the surrogate misses"
      shows={`The model's answer minus the surrogate's, by how many ${parts} are absent: where a bar is far from zero it errs one way, where a whisker is long it errs both ways.`}
    >
      <Chart
        say={`model minus surrogate by absent ${parts}: ${residuals
          .map(
            (each, i) =>
              `${told(i)}: ${signed(each.mean, digits)}, spread ${signed(each.spread, digits).replace("+", "")}`,
          )
          .join("; ")}`}
        {...{ x, y }}
        right={RIGHT}
        inX={(i) => (i % every ? "" : told(i))}
      >
        {residuals.map((band, i) => (
          <Bar key={told(i)} band={band} middle={x.at(i)} half={step / 3.4} y={y} />
        ))}
      </Chart>
    </Figure>
  );
}

function Bar({ band, middle, half, y }: { band: Band; middle: number; half: number; y: Axis }) {
  const [mean, spread] = [band.mean ?? 0, band.spread ?? 0];
  const [zero, end] = [y.at(0), y.at(mean)];
  return (
    <g>
      <title>{count(band.n)} masks</title>
      <path class="rt-bar" d={`M${middle - half} ${zero}V${end}H${middle + half}V${zero}z`} />
      <path class="rt-whisker" d={`M${middle} ${y.at(mean - spread)}V${y.at(mean + spread)}`} />
    </g>
  );
}
