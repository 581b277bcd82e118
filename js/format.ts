/** Numbers for people: true minus signs, thousands separators, as many digits as carry meaning. */
import type { Scale } from "./contract";
import { abs, floor, max, min } from "./maths";

const NONE = "–";
const known = (x: number | null | undefined): x is number => x != null && Number.isFinite(x);
const minus = (digits: string) => digits.replace("-", "−");
const grouped = (x: number, digits: number) =>
  x.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Digits after the point that leave three significant ones in the largest of some numbers. */
export function digitsFor(largest: number): number {
  if (!(largest > 0)) return 3;
  return min(max(2 - floor(Math.log10(largest)), 0), 6);
}

export const count = (n: number) => grouped(n, 0);

export function signed(x: number | null, digits: number): string {
  if (!known(x)) return NONE;
  const size = grouped(abs(x), digits);
  if (Number(size.replaceAll(",", "")) === 0) return size;
  return (x < 0 ? "−" : "+") + size;
}

/** Half an interval, ".02", one digit shorter than the number it belongs to unless nothing is left of it. */
export function spread(x: number, digits: number): string {
  const short = grouped(x, max(digits - 1, 0));
  const text = /[1-9]/.test(short) ? short : grouped(x, digits);
  return text.replace(/^0\./, ".");
}

/** A share of one: two digits, more where two would claim certainty. */
function probability(x: number): string {
  const edge = min(abs(x), abs(1 - x));
  if (edge === 0 || edge >= 0.005) return minus(grouped(x, 2));
  if (edge >= 0.0005) return minus(grouped(x, 3));
  if (x < 0 || x > 1) return minus(grouped(x, 2));
  return x < 0.5 ? "<0.001" : ">0.999";
}

/** An output of a model. */
export function output(x: number | null | undefined, scale: Scale): string {
  if (!known(x)) return NONE;
  return scale === "probability" ? probability(x) : minus(grouped(x, digitsFor(abs(x))));
}

/** A distance between two outputs. */
export const distance = (x: number | null, scale: Scale) => output(known(x) ? abs(x) : null, scale);

export const rSquared = (r2: number | null) => (known(r2) ? minus(grouped(r2, 2)) : NONE);
