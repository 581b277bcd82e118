/** A small chart: two axes with a few numbers on them, and what is drawn between. */
import type { ComponentChildren } from "preact";
import { abs, ceil, floor, max, min } from "../maths";

const [WIDTH, HEIGHT] = [420, 176];
export const BOX = { left: 48, top: 10, bottom: 152 };

export interface Axis {
  /** Where a value is drawn. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

type Ends = readonly [low: number, high: number];

const within = ([low, high]: Ends, [from, to]: Ends, of = (x: number) => x) => {
  const span = of(high) - of(low) || 1;
  return (value: number) => from + ((to - from) * (of(value) - of(low))) / span;
};

/** A few round numbers between two others. */
export function round(low: number, high: number): number[] {
  const rough = (high - low || 1) / 5;
  const ten = 10 ** floor(Math.log10(rough));
  const step = ten * ([1, 2, 5, 10].find((k) => k * ten >= rough) ?? 10);
  const first = ceil(low / step - 1e-9);
  const ticks = [];
  for (let k = first; k * step <= high + step * 1e-9; k++) ticks.push(k * step || 0);
  return ticks;
}

/** A number at an axis, short. */
export function short(value: number): string {
  const near = Number(value.toPrecision(3));
  return `${near && abs(near) < 0.001 ? near.toExponential() : near}`.replaceAll("-", "−");
}

export function upward(values: readonly number[]): Axis {
  const ends: Ends = [min(...values), max(...values)];
  return { at: within(ends, [BOX.bottom, BOX.top]), ticks: round(...ends) };
}

/** By ratios: from 100 to 200 is as far as from 200 to 400. */
export const across = (values: readonly number[], right: number): Axis => {
  const ends: Ends = [min(...values), max(...values)];
  return { at: within(ends, [BOX.left, right], Math.log), ticks: ends };
};

export const line = (points: readonly Ends[]) => points.map((point) => point.join()).join(" ");

interface Props {
  /** What is drawn, for those who do not see it. */
  readonly say: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly right: number;
  readonly inX?: (value: number) => string;
  readonly children: ComponentChildren;
}

export const Chart = ({ say, x, y, right, inX, children }: Props) => (
  <svg class="rt-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={say}>
    {y.ticks.map((value) => (
      <g key={value}>
        <path class="rt-grid" d={`M${BOX.left} ${y.at(value)}H${right}`} />
        <text x={BOX.left - 6} y={y.at(value) + 4} text-anchor="end">
          {short(value)}
        </text>
      </g>
    ))}
    {inX &&
      x.ticks.map((value) => (
        <text key={value} x={x.at(value)} y={HEIGHT - 6} text-anchor="middle">
          {inX(value)}
        </text>
      ))}
    {children}
  </svg>
);
