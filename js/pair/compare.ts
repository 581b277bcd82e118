/** Two readings of one neighbourhood beside each other. */
import type { Reading, Weight } from "../contract";
import { abs, hypot, max } from "../maths";

/** A feature on its line: its weight in each reading, where it is among the reasons. */
export interface Line {
  readonly feature: number;
  readonly weights: readonly (Weight | undefined)[];
}

type Weights = readonly Weight[];

const sizeOf = ({ weights }: Line) => max(...weights.map((weight) => abs(weight?.[1] ?? 0)));

/** All that is a reason in any reading, the largest first. */
export function linesOf(readings: readonly Weights[]): Line[] {
  const maps = readings.map((weights) => new Map(weights.map((weight) => [weight[0], weight])));
  const features = new Set(readings.flatMap((weights) => weights.map(([id]) => id)));
  return [...features]
    .map((feature) => ({ feature, weights: maps.map((map) => map.get(feature)) }))
    .sort((a, b) => sizeOf(b) - sizeOf(a));
}

/** Whether a feature speaks for the target in one reading and against it in the other. */
export const turned = (a: Weight | undefined, b: Weight | undefined) =>
  a !== undefined && b !== undefined && a[1] * b[1] < 0;

export interface Tally {
  /** Reasons of both, and of either. */
  readonly shared: number;
  readonly of: number;
  readonly turned: number;
  /** Null where one has no reasons. */
  readonly cosine: number | null;
}

export function tally(a: Weights, b: Weights): Tally {
  const lines = linesOf([a, b]);
  const both = lines.filter(({ weights: [x, y] }) => x && y);
  const dot = both.reduce((sum, { weights: [x, y] }) => sum + (x?.[1] ?? 0) * (y?.[1] ?? 0), 0);
  const norm = hypot(...a.map((w) => w[1])) * hypot(...b.map((w) => w[1]));
  return {
    shared: both.length,
    of: lines.length,
    turned: both.filter(({ weights: [x, y] }) => turned(x, y)).length,
    cosine: norm > 0 ? dot / norm : null,
  };
}

/** A cosine in plain words. */
export function likeness(cosine: number | null): string {
  if (cosine === null) return "nothing to compare";
  if (cosine < -0.1) return "opposed";
  if (cosine < 0.3) return "hardly alike";
  return cosine < 0.9 ? "partly alike" : "much alike";
}

/** What the second gives each feature more than the first does. */
export function difference(a: Reading, b: Reading): Reading {
  const weights = linesOf([a.weights, b.weights])
    .map(({ feature, weights: [x, y] }): Weight => [feature, (y?.[1] ?? 0) - (x?.[1] ?? 0), null])
    .filter(([, weight]) => weight !== 0)
    .sort((x, y) => abs(y[1]) - abs(x[1]));
  return { ...b, weights, doubt: a.doubt ?? b.doubt };
}
