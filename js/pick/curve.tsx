/** What each further instance adds: coverage by budget, beside that of random picks. */
import { ceil, max, min } from "../maths";
import { coverage, percent, step } from "./say";
import type { PickDesk } from "./store";

const [WIDTH, HEIGHT] = [260, 118];
const BOX = { left: 34, right: 252, top: 12, bottom: 96 };

/** Dots of so many would touch. */
const MANY = 20;

/** Points of the drawing for shares of budgets 1, 2, …; the top of the axis is `top`. */
function scaleOf(n: number, top: number) {
  const { left, right, bottom } = BOX;
  const across = (i: number) => left + ((right - left) * i) / max(n - 1, 1);
  const up = (share: number) => bottom - ((bottom - BOX.top) * share) / top;
  const points = (shares: readonly number[]) => shares.map((share, i) => `${across(i)},${up(share)}`);
  return { across, up, line: (shares: readonly number[]) => points(shares).join(" "), points };
}

export function Curve({ desk }: { desk: PickDesk }) {
  const { covered, random, method } = desk.picked.value;
  const n = covered.length;
  if (n === 0) return null;
  const budget = desk.budget.value;
  const best = desk.best.value;
  const top = min(ceil(10 * max(...covered, ...random.high, ...(best ?? []), 0.1)) / 10, 1);
  const { across, up, line, points } = scaleOf(n, top);
  const band = [...points(random.low), ...points(random.high).reverse()].join(" ");
  const dot = n > MANY ? 1.3 : 2.2;
  const wide = (BOX.right - BOX.left) / max(n - 1, 1);
  return (
    <figure class="rt-curve">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={spoken(desk)}>
        <g class="rt-curve-axis">
          <path d={`M${BOX.left} ${BOX.top}H${BOX.right}M${BOX.left} ${BOX.bottom}H${BOX.right}`} />
          <text x={BOX.left - 5} y={BOX.top + 4} text-anchor="end">
            {percent(top)}
          </text>
          <text x={BOX.left - 5} y={BOX.bottom + 4} text-anchor="end">
            0
          </text>
          <text x={BOX.left} y={HEIGHT - 6} text-anchor="middle">
            1
          </text>
          <text x={BOX.right} y={HEIGHT - 6} text-anchor="middle">
            {n}
          </text>
        </g>
        <polygon class="rt-curve-band" points={band} />
        <polyline class="rt-curve-mean" points={line(random.mean)} />
        {best && <polyline class="rt-curve-best" points={line(best)} />}
        <polyline class="rt-curve-line" points={line(covered)} />
        <g class="rt-curve-now">
          <path d={`M${across(budget - 1)} ${BOX.top}V${BOX.bottom}`} />
          {covered.map((share, i) => (
            <circle
              key={across(i)}
              class={i < budget ? "rt-spent" : ""}
              cx={across(i)}
              cy={up(share)}
              r={i === budget - 1 ? 4.5 : dot}
            />
          ))}
        </g>
        {covered.map((_, i) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the slider does the same by keys
          <rect
            key={across(i)}
            class="rt-curve-hit"
            x={across(i) - wide / 2}
            y={0}
            width={wide}
            height={HEIGHT}
            onClick={() => desk.spend(i + 1)}
          >
            <title>{step(desk.picked.value, i)}</title>
          </rect>
        ))}
      </svg>
      <figcaption>
        <b>{step(desk.picked.value, budget - 1)}</b>
        <Key method={method} best={best !== null} />
      </figcaption>
    </figure>
  );
}

function Key({ method, best }: { method: string; best: boolean }) {
  return (
    <span class="rt-curve-key" aria-hidden="true">
      <span>
        <i class="rt-key-line" /> {method === "random" ? "this random pick" : "this pick"}
      </span>
      {best && (
        <span>
          <i class="rt-key-best" /> submodular
        </span>
      )}
      <span>
        <i class="rt-key-mean" /> random picks, nine in ten
      </span>
    </span>
  );
}

/** The curve for those who listen. */
function spoken({ picked, budget }: PickDesk): string {
  const { covered, random } = picked.value;
  const n = covered.length;
  const now = `coverage by budget: ${step(picked.value, budget.value - 1)}`;
  const end = `${n} would show ${percent(coverage(picked.value, n))}`;
  return `${now}; random picks show ${percent(random.mean[budget.value - 1])}; ${end}`;
}
