/** Moving among words as they stand on the screen. Words are counted; `box` is null for one not drawn. */

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
export type BoxOf = (word: number) => Box | null;
export type Step = 1 | -1;

const middle = (box: Box) => (box.left + box.right) / 2;
const sameLine = (a: Box, b: Box) => {
  const y = (b.top + b.bottom) / 2;
  return a.top < y && y < a.bottom;
};

/** The last word in a direction that is still on the line. */
export function lineEnd(from: number, step: Step, box: BoxOf): number {
  const here = box(from);
  let at = from;
  for (let next = box(at + step); here && next && sameLine(here, next); next = box(at + step)) at += step;
  return at;
}

/** The word of the next line in a direction that stands nearest; `from` itself on the last line. */
export function lineOver(from: number, step: Step, count: number, box: BoxOf): number {
  const here = box(from);
  const start = lineEnd(from, step, box) + step;
  if (start < 0 || start >= count) return from;
  if (!here || !box(start)) return start;
  const stop = lineEnd(start, step, box);
  const away = (word: number) => Math.abs(middle(box(word) ?? here) - middle(here));
  let best = start;
  for (let word = start; word !== stop + step; word += step) if (away(word) < away(best)) best = word;
  return best;
}
