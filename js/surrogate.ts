/** The surrogate's arithmetic, which needs no model. */
import type { Reading, Weight } from "./contract";
import { abs, max } from "./maths";

/** Intercept + Σ coefficients of what is present. */
export function surrogate(reading: Reading, absent: ReadonlySet<number>): number | null {
  if (reading.intercept === null) return null;
  return reading.weights.reduce(
    (sum, [id, weight]) => (absent.has(id) ? sum : sum + weight),
    reading.intercept,
  );
}

/** Half a 95 % interval; null where the error is not known. */
export const margin = ([, , stderr]: Weight): number | null => (stderr === null ? null : 1.96 * stderr);

/** Where the axis ends: beyond every bar and every whisker. */
export const reach = (weights: readonly Weight[]): number =>
  max(...weights.map((w) => abs(w[1]) + (margin(w) ?? 0)), Number.MIN_VALUE);

export const largest = (weights: readonly Weight[]): number => max(0, ...weights.map((w) => abs(w[1])));
