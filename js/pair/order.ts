/** Which of the instances are listed, and in what order. */
import { computed, signal } from "@preact/signals";
import { abs, max, min } from "../maths";
import type { PairInstance, PairScene } from "../panels";
import { differs } from "./store";

export type Sorting = "given" | "disagreement";

export class Order {
  readonly sorting = signal<Sorting>("given");
  readonly query = signal("");
  /** The rows found, in the order wanted. */
  readonly rows = computed(() => {
    const rows = this.scene.instances.map((_, row) => row).filter((row) => this.#found(row));
    if (this.sorting.value === "given") return rows;
    return rows.sort((a, b) => this.#apart(b) - this.#apart(a));
  });

  constructor(readonly scene: PairScene) {}

  #found(row: number): boolean {
    const { title = "", turned = [] } = this.scene.instances[row] ?? {};
    const sought = this.query.value.trim().toLowerCase();
    return [title, ...turned].some((text) => text.toLowerCase().includes(sought));
  }

  /** How much the models disagree: in their answers first, then in their reasons. */
  #apart(row: number): number {
    const instance = this.scene.instances[row];
    if (!instance) return 0;
    if (this.scene.classes.length < 2) return spreadOf(instance);
    return (differs(instance) ? 2 : 0) + (1 - (instance.cosine ?? 1)) / 2;
  }
}

/** The distance between the lowest and the highest answer. */
export function spreadOf({ answers }: PairInstance): number {
  const values = answers.map(({ prediction }) => prediction).filter((value) => value !== null);
  return abs(max(...values) - min(...values));
}
