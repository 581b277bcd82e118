/** A pick's scene, made ready once: what is looked up again and again. */
import { digitsFor } from "../format";
import { abs } from "../maths";
import type { Column, PickInstance, PickScene } from "../panels";
import { full, linesOf, othersOf, turned, weightsOf } from "./cells";

export type Table = ReturnType<typeof tableOf>;

export function tableOf(scene: PickScene) {
  const { features, instances, matrix } = scene;
  const lines = linesOf(matrix);
  const most = full(lines);
  return {
    lines,
    /** The same by features. */
    columns: turned(lines, features.length),
    /** The largest weight, and how many digits weights have after the point. */
    most,
    digits: digitsFor(most),
    names: features.map(({ name }) => name),
    titles: instances.map(({ title }) => title),
    targets: instances.map(({ target }) => target),
    all: [...instances.keys()],
    every: [...features.keys()],
    labelled: instances.some(({ label }) => label !== null),
  };
}

/** Features as only some instances use them: how much, in how many, and toward which class. */
export function usedBy(
  { lines, targets }: Table,
  features: readonly Column[],
  rows: readonly number[],
): readonly Column[] {
  const sums = features.map((column) => ({
    ...column,
    importance: 0,
    count: 0,
    toward: column.toward.map(() => 0),
  }));
  for (const row of rows)
    othersOf(lines, row).forEach((feature, k) => {
      const weight = weightsOf(lines, row)[k] as number;
      const sum = sums[feature] as (typeof sums)[number];
      const target = targets[row] as number;
      sum.importance += abs(weight);
      sum.count += 1;
      sum.toward[target] = (sum.toward[target] ?? 0) + weight;
    });
  for (const sum of sums) sum.importance = Math.sqrt(sum.importance);
  return sums;
}

/** Whether the model is wrong, as far as the truth is known. */
export const wrong = ({ label, target }: PickInstance) => label !== null && label !== target;

/** The rows in which a feature has weight, the largest first. */
export function where({ columns }: Table, feature: number): readonly number[] {
  const rows = othersOf(columns, feature);
  const weights = weightsOf(columns, feature);
  return [...rows.keys()]
    .sort((a, b) => abs(weights[b] as number) - abs(weights[a] as number))
    .map((k) => rows[k] as number);
}
