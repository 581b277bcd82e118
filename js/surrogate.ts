/** The surrogate's arithmetic, which needs no model. */
import type { Condition, Reading, Scene, TableColumn, Tree, Weight } from "./contract";
import { abs, max } from "./maths";

/** How often a feature is there; 0 where it is absent. */
type Presence = (feature: number) => number;

/** The numbers of the nodes on the way from the root to the leaf. */
export function pathOf({ nodes }: Tree, presence: Presence): number[] {
  const path = [0];
  for (let node = nodes[0]; node && node[0] >= 0; node = nodes[path.at(-1) as number])
    path.push(presence(node[0]) > (node[3] ?? 0.5) ? node[1] : node[2]);
  return path;
}

const sum = (terms: readonly number[], from: number) => terms.reduce((a, b) => a + b, from);

/** What the surrogate says; each feature that is present counts so many times. */
export function surrogate(
  { intercept, weights, tree, pairs }: Reading,
  absent: ReadonlySet<number>,
  times: Presence = () => 1,
): number | null {
  const x = (id: number) => (absent.has(id) ? 0 : times(id));
  if (tree) return tree.nodes[pathOf(tree, x).at(-1) as number]?.[4] ?? null;
  if (intercept === null) return null;
  if (!pairs)
    return sum(
      weights.map(([id, weight]) => weight * x(id)),
      intercept,
    );
  const apart = sum(
    pairs.apart.map((weight, id) => weight * x(id)),
    intercept,
  );
  return sum(
    pairs.pairs.map(([a, b, weight]) => weight * x(a) * x(b)),
    apart,
  );
}

/** A value as people write it, as a number; a date is seconds since 1970. */
export const numberOf = (text: string, { kind }: TableColumn): number =>
  kind === "date"
    ? Date.parse(text.replace(/^(\S+) (\S+)$/, "$1T$2Z")) / 1000
    : Number(text.trim() || Number.NaN);

/** How often a condition on a column counts where another value is there. */
function fulfilled({ low, high, mean, per }: Condition, column: TableColumn, typed: string): number {
  if (column.kind !== "number" && column.kind !== "date") return Number(typed === column.value);
  const value = numberOf(typed, column);
  if (per !== undefined) return (value - (mean ?? 0)) / per || 0;
  if (low === undefined && high === undefined) return Number(typed === column.value);
  return Number(value > (low ?? -Infinity) && value <= (high ?? Infinity));
}

/** How often a feature counts that is there, or typed over: a replaced word is an absent one. */
export function counts(scene: Scene, id: number, typed?: string): number {
  const feature = scene.kind === "table" ? scene.features[id] : undefined;
  if (typed === undefined) return feature?.at ?? 1;
  const column = feature && scene.kind === "table" && scene.columns[feature.column];
  return column && column.kind !== "text" ? fulfilled(feature, column, typed) : 0;
}

/** Half a 95 % interval; null where the error is not known. */
export const margin = ([, , stderr]: Weight): number | null => (stderr === null ? null : 1.96 * stderr);

/** Where the axis ends: beyond every bar and every whisker. */
export const reach = (weights: readonly Weight[]): number =>
  max(...weights.map((w) => abs(w[1]) + (margin(w) ?? 0)), Number.MIN_VALUE);

export const largest = (weights: readonly Weight[]): number => max(0, ...weights.map((w) => abs(w[1])));
