/** What the page of a session says in words. */
import { count, output, signed } from "../format";
import { abs } from "../maths";
import type { SessionScene } from "../panels";
import type { Item, Measure, Revision, Standing } from "../sessions";

type Figure = number | null | undefined;

/** "93.4", of a share. */
export const hundredths = (x: Figure) => (x == null || Number.isNaN(x) ? "–" : (100 * x).toFixed(1));

/** "1 text", "1,079 texts". */
export const counted = (n: number, noun: string) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

export const verdict = ({ classes, scale }: SessionScene, { target, prediction }: Item) =>
  `${classes[target] ?? ""} ${output(prediction, scale)}`;

/** "right", "wrong, it is christian", or nothing where the truth is not known. */
export function truth({ classes }: SessionScene, { label, target }: Item): string {
  if (label === null || classes.length < 2) return "";
  return label === target ? "right" : `wrong, it is ${classes[label] ?? ""}`;
}

/** Whether a measure is a share of one; else it is a mean error. */
const isShare = ({ better, name }: Measure) => better === "up" || name === "reliance";

export const figureOf = (measure: Measure, x: Figure) =>
  isShare(measure) ? hundredths(x) : output(x, "score");

/** Where a figure lies on its axis, in percent. */
export function placeOf(measure: Measure, x: number): number {
  const { before, after, low, high } = measure;
  const all = [before, after, (before ?? 0) + (low ?? 0), (before ?? 0) + (high ?? 0)].map((y) =>
    abs(y ?? 0),
  );
  const end = isShare(measure) ? 1 : 1.1 * Math.max(...all, Number.MIN_VALUE);
  return Math.min(Math.max((100 * x) / end, 0), 100);
}

/** Whether a model has become better; null where it is the same or not known. */
export function improved({ before, after, better }: Measure): boolean | null {
  if (before == null || after == null || before === after) return null;
  return after > before === (better === "up");
}

/** Whether there is a difference, and none lies within its interval. */
export const isUnsure = (measure: Measure) =>
  improved(measure) !== null && (measure.low ?? 1) <= 0 && (measure.high ?? -1) >= 0;

/** "−2.2". */
export function stepOf(measure: Measure): string {
  const { before, after } = measure;
  return before == null || after == null ? "" : reachOf(measure, after - before);
}

const reachOf = (measure: Measure, x: number) => (isShare(measure) ? signed(100 * x, 1) : signed(x, 3));

const chance = (p: number) => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`);

/** All that is known of a measure, in one sentence. */
export function inFull(measure: Measure, noun: string): string {
  const { of, n, low, high, p, auc } = measure;
  return [
    `${of}, ${counted(n, noun)}`,
    low != null &&
      high != null &&
      `95 % interval of the difference ${reachOf(measure, low)} to ${reachOf(measure, high)}`,
    isUnsure(measure) && "which chance alone could bring",
    p != null && chance(p),
    auc && `AUC ${output(auc.before, "probability")} → ${output(auc.after, "probability")}`,
  ]
    .filter(Boolean)
    .join("; ");
}

/** What cannot be seen by those who listen: "93.4 before, 91.2 after, worse". */
export function spoken(measure: Measure): string {
  const way = { true: "better", false: "worse", null: "the same" }[`${improved(measure)}`];
  return `${figureOf(measure, measure.before)} before, ${figureOf(measure, measure.after)} after, ${way}`;
}

/** What a revision is called. */
export const called = ({ name, correction, marks, number }: Revision) =>
  name || (correction ? `${correction.toLowerCase()} ${marks}` : `revision ${number}`);

/** "93.4 %", or a mean error. */
export const standingOf = ({ accuracy, error }: Standing) =>
  error == null ? `${hundredths(accuracy)} %` : output(error, "score");

/** A revision's figure, as accuracy or as an error. */
export const scoreOf = ({ figure }: Revision, { error }: Standing) =>
  standingOf(error == null ? { accuracy: figure } : { error: figure });
