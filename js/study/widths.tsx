/** Local fit against the width of the kernel. */
import type { Study } from "../contract";
import { count, rSquared } from "../format";
import { abs, max, min } from "../maths";
import { across, BOX, Chart, line, short, upward } from "./chart";
import { Figure } from "./figure";

const RIGHT = 404;
const MIDDLE = (BOX.left + RIGHT) / 2;

const wide = (width: number) => (width >= 1000 ? count(width) : short(width));

export function Widths({ widths }: { widths: NonNullable<Study["widths"]> }) {
  const { now, floor, best, curve } = widths;
  const points = curve.flatMap(({ width, fidelity }) =>
    fidelity === null ? [] : [[width, fidelity] as const],
  );
  if (points.length < 2) return null;
  const lowest = min(...points.map(([, fidelity]) => fidelity), 0);
  const x = across([now, ...points.map(([width]) => width)], RIGHT);
  const y = upward([max(lowest, -1), 1]);
  const fit = best === null ? 0 : fitAt(points, best);
  const said =
    fit < floor ? "no width reaches the floor" : `the widest above the floor is ${wide(best ?? 0)}`;
  const height = y.at(max(fit, -1));
  const aside = best !== null && x.at(best) < MIDDLE;
  return (
    <Figure
      name="Fit against width"
      shows={`Local fit R² by the kernel's width: a narrow one looks close by, where a simple rule fits well, a wide one further. Here ${said}.`}
    >
      <Chart
        say={`local fit R² against the width of the kernel: ${points
          .map(([width, fit]) => `${wide(width)}: ${rSquared(fit)}`)
          .join(", ")}; now ${wide(now)}; ${said}, the floor being ${rSquared(floor)}`}
        {...{ x, y }}
        right={RIGHT}
        inX={wide}
      >
        <path class="rt-floor" d={`M${BOX.left} ${y.at(floor)}H${RIGHT}`} />
        <text x={aside ? RIGHT : BOX.left + 4} y={y.at(floor) + 13} text-anchor={aside ? "end" : "start"}>
          floor {rSquared(floor)}
        </text>
        <path class="rt-now" d={`M${x.at(now)} ${BOX.top}V${BOX.bottom}`} />
        <Label x={x.at(now)} y={BOX.bottom - 6}>
          now {wide(now)}
        </Label>
        <polyline points={line(points.map(([width, fit]) => [x.at(width), y.at(max(fit, -1))]))} />
        {best !== null && (
          <>
            <circle class="rt-best" cx={x.at(best)} cy={height} r="5" />
            <Label x={x.at(best)} y={height > BOX.top + 16 ? height - 9 : height + 18}>
              best {wide(best)}
            </Label>
          </>
        )}
      </Chart>
    </Figure>
  );
}

/** A text beside a place, on the side where there is room. */
const Label = ({ x, y, children }: { x: number; y: number; children: unknown }) => {
  const left = x > MIDDLE;
  return (
    <text x={left ? x - 7 : x + 7} y={y} text-anchor={left ? "end" : "start"}>
      {children as string}
    </text>
  );
};

const fitAt = (points: readonly (readonly [number, number])[], width: number) =>
  points.reduce((a, b) => (abs(b[0] - width) < abs(a[0] - width) ? b : a))[1];
