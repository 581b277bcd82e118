/** What the view of a row knows: its columns in order, what is typed into them, and the row beside it. */
import { computed, signal } from "@preact/signals";
import type { Condition, TableColumn, TableScene, Weight } from "../contract";
import type { Desk } from "../desk";
import { abs, max } from "../maths";
import { counts } from "../surrogate";

export type Sorting = "weight" | "name" | "order";

/** No row beside this one. */
export const ALONE = -1;
/** So many columns without weight are shown unasked. */
const FEW = 15;

export class Table {
  readonly query = signal("");
  readonly sorting = signal<Sorting>("weight");
  readonly unfolded = signal(false);
  /** The row that is compared with. */
  readonly beside = signal(ALONE);
  /** The column whose controls take the focus. */
  readonly at = signal(ALONE);

  readonly #features: ReadonlyMap<number, readonly number[]>;

  /** Columns in groups, each in the order wanted: those with weight, the others, those that never change. */
  readonly groups = computed(() => {
    const found = this.scene.columns.map((_, at) => at).filter((at) => this.#found(at));
    const weighty = (at: number) => this.weightOf(at) > 0;
    const constant = (at: number) => this.featuresOf(at).length === 0;
    const [some, others] = parted(this.#sorted(found), weighty);
    const [fixed, rest] = parted(others, constant);
    return { some, rest, fixed };
  });
  /** Whether the columns without weight wait to be asked for. */
  readonly folds = computed(() => {
    const { some, rest, fixed } = this.groups.value;
    return some.length > 0 && rest.length + fixed.length > FEW && !this.query.value.trim();
  });
  /** The columns that are drawn, which keys move among. */
  readonly drawn = computed(() => {
    const { some, rest } = this.groups.value;
    return this.folds.value && !this.unfolded.value ? some : [...some, ...rest];
  });

  constructor(
    readonly desk: Desk,
    readonly scene: TableScene,
  ) {
    const features = new Map<number, number[]>();
    scene.features.forEach(({ column }, id) => {
      features.set(column, [...(features.get(column) ?? []), id]);
    });
    this.#features = features;
  }

  column(at: number): TableColumn {
    return this.scene.columns[at] as TableColumn;
  }

  featuresOf(at: number): readonly number[] {
    return this.#features.get(at) ?? [];
  }

  /** The weights of a column: one, or those of its words. */
  weightsOf(at: number): Weight[] {
    const shown = this.desk.shown.value;
    return this.featuresOf(at)
      .map((id) => shown.get(id))
      .filter((weight) => weight !== undefined);
  }

  weightOf(at: number): number {
    return max(0, ...this.weightsOf(at).map(([, weight]) => abs(weight)));
  }

  #found(at: number): boolean {
    return this.column(at).name.toLowerCase().includes(this.query.value.trim().toLowerCase());
  }

  #sorted(columns: number[]): number[] {
    const { value } = this.sorting;
    if (value === "order") return columns;
    if (value === "weight") return columns.sort((a, b) => this.weightOf(b) - this.weightOf(a));
    const name = (at: number) => this.column(at).name;
    return columns.sort((a, b) => name(a).localeCompare(name(b), undefined, { numeric: true }));
  }

  /** The feature that stands for a whole column, or none. */
  featureOf(at: number): number | undefined {
    return this.column(at).kind === "text" ? undefined : this.featuresOf(at)[0];
  }

  /** What is marked with a feature: its column, or its word in a column. */
  called(id: number): string {
    const { name, column: at } = this.scene.features[id] as Condition;
    const column = this.column(at);
    return column.kind === "text" ? `${column.name}: ${name}` : column.name;
  }

  /** The value as it is now, typed or the row's own. */
  now(at: number): string {
    return this.desk.trial.edits.value.get(this.featureOf(at) ?? ALONE) ?? this.column(at).value;
  }

  /** Whether the condition on a column holds in the reader's trial. */
  holds(id: number): boolean {
    const { off, edits } = this.desk.trial;
    if (this.scene.features[id]?.per !== undefined) return !off.value.has(id);
    return !off.value.has(id) && counts(this.scene, id, edits.value.get(id)) > 0;
  }

  /** The value of the row beside, or null where there is none. */
  other(at: number): string | null {
    return this.scene.others[this.beside.value]?.values[at] ?? null;
  }

  /** Columns whose values can be taken over from the row beside. */
  get differing(): number[] {
    return this.scene.columns
      .map((_, at) => at)
      .filter((at) => this.featureOf(at) !== undefined && this.now(at) !== this.other(at));
  }

  /** Put values into columns; its own value ends a column's trial. */
  put(values: readonly (readonly [at: number, value: string])[]): void {
    const { off, edits } = this.desk.trial.look.peek();
    const typed: Record<string, string> = { ...edits };
    const ids = values.map(([at]) => this.featureOf(at) ?? ALONE);
    values.forEach(([at, value], i) => {
      delete typed[ids[i] ?? ALONE];
      if (value !== this.column(at).value) typed[ids[i] ?? ALONE] = value;
    });
    this.desk.keep({ off: off.filter((id) => !ids.includes(id)), edits: typed });
  }

  /** Take values over from the row beside. */
  take(columns: readonly number[]): void {
    this.put(columns.map((at) => [at, this.other(at) ?? ""]));
  }
}

function parted<T>(all: readonly T[], first: (one: T) => boolean): [T[], T[]] {
  return [all.filter(first), all.filter((one) => !first(one))];
}
