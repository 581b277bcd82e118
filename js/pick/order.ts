/** Which instances and features are shown, and in what order. */
import { abs } from "../maths";
import type { Column } from "../panels";
import { type Lines, weightsOf } from "./cells";

export type RowOrder = "picked" | "given" | "weight" | "class";
export type ColumnOrder = "importance" | "count" | "name";

/** A string as it is looked for: neither case nor accents matter. */
const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The places of the texts in which a string occurs, all of them where it is empty. */
export function places(texts: readonly string[], query: string): number[] {
  const wanted = plain(query.trim());
  const all = texts.map((_, i) => i);
  return wanted ? all.filter((i) => plain(texts[i] as string).includes(wanted)) : all;
}

/** Those that were found, or all where nothing was. */
export const orAll = (found: readonly number[], all: readonly number[]) => (found.length ? found : all);

/** The union of what the first few added. */
export const union = (added: readonly (readonly number[])[], first: number): ReadonlySet<number> =>
  new Set(added.slice(0, first).flat());

const total = (lines: Lines, row: number) =>
  weightsOf(lines, row).reduce((sum, weight) => sum + abs(weight), 0);

const by = (rows: readonly number[], key: (row: number) => number) => {
  const keys = new Map(rows.map((row) => [row, key(row)]));
  return [...rows].sort((a, b) => (keys.get(a) as number) - (keys.get(b) as number) || a - b);
};

interface Known {
  readonly lines: Lines;
  readonly chosen: readonly number[];
  readonly targets: readonly number[];
}

/** Rows in an order; those that are equal keep their own. */
export function inOrder(rows: readonly number[], order: RowOrder, { lines, chosen, targets }: Known) {
  if (order === "weight") return by(rows, (row) => -total(lines, row));
  if (order === "class") return by(rows, (row) => targets[row] ?? 0);
  if (order === "given") return by(rows, () => 0);
  const rank = new Map(chosen.map((row, i) => [row, i]));
  return by(rows, (row) => rank.get(row) ?? chosen.length);
}

type Named = Pick<Column, ColumnOrder>;

/** Columns in an order; those that are equal keep their own. */
export function acrossIn(columns: readonly number[], order: ColumnOrder, features: readonly Named[]) {
  const of = (column: number) => features[column] as Named;
  if (order === "name") {
    const letters = new Intl.Collator(undefined, { numeric: true });
    return [...columns].sort((a, b) => letters.compare(of(a).name, of(b).name) || a - b);
  }
  return by(columns, (column) => -of(column)[order]);
}
