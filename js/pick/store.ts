/** What the panel of a pick knows, and everything that can be done in it. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { canMark, canPick, failedPick, type Mark, panelVerbs } from "../contract";
import type { Marking } from "../desk";
import { max, min } from "../maths";
import type { PanelHost } from "../panelhost";
import type { Picked, PickScene } from "../panels";
import { forgetting } from "../wish";
import { acrossIn, type ColumnOrder, inOrder, orAll, places, type RowOrder, union } from "./order";
import { tableOf, usedBy, where, wrong } from "./table";

/** How many are shown before the reader has said. */
const AT_FIRST = 6;

/** Among which instances is picked, and how. */
export type Wish = Pick<Picked, "method" | "target" | "errors">;

const NOTHING: Picked = {
  method: "submodular",
  target: null,
  errors: false,
  among: 0,
  rows: [],
  covered: [],
  added: [],
  random: { mean: [], low: [], high: [] },
  glances: [],
};

const sameAmong = (a: Wish, b: Wish) => a.target === b.target && a.errors === b.errors;

/** What follows the pointer, and the focus like it. */
export function following(tell: (on: boolean) => void) {
  const [on, off] = [() => tell(true), () => tell(false)];
  return { onPointerEnter: on, onFocusIn: on, onPointerLeave: off, onFocusOut: off };
}

export class PickDesk {
  /** The feature under the pointer or the focus, or −1. */
  readonly hover = signal(-1);
  /** Which of the picked is under the pointer or the focus, or −1. */
  readonly pointed = signal(-1);
  /** The feature of which is shown where it occurs, or −1. */
  readonly sought = signal(-1);
  readonly query = signal("");
  readonly down = signal<RowOrder>("picked");
  readonly across = signal<ColumnOrder>("importance");
  readonly marking = signal<Marking | null>(null);
  /** The choice on its way. */
  readonly wanted = signal<Wish | null>(null);

  readonly table;
  readonly picked = computed(() => this.host.picked.value ?? NOTHING);
  readonly most = computed(() => this.picked.value.rows.length);
  readonly budget = computed(() => {
    const wish = this.host.state.look.value.budget ?? AT_FIRST;
    return min(max(wish, 1), this.most.value);
  });
  readonly chosen = computed(() => this.picked.value.rows.slice(0, this.budget.value));
  readonly covered = computed(() => union(this.picked.value.added, this.budget.value));
  /** What the one pointed at added. */
  readonly fresh: ReadonlySignal<ReadonlySet<number>> = computed(
    () => new Set(this.picked.value.added[this.pointed.value]),
  );
  readonly marks = computed(() => {
    const marks = this.host.state.marks.value;
    return new Map<number, Mark>(marks.flatMap((mark) => (mark.columns ?? []).map((id) => [id, mark])));
  });
  /** The row that is open, or about to be. */
  readonly open = computed(() => this.host.awaited.value ?? this.host.row.value);
  readonly picks = computed(() => this.host.send !== null && canPick(this.host.state.status.value));
  readonly flags = computed(() => this.host.send !== null && canMark(this.host.state.status.value));
  readonly wish = computed((): Wish => this.wanted.value ?? this.picked.value);
  /** The instances among which is picked. */
  readonly among = computed(() => this.#among(this.picked.value));
  /** Whether only some instances are picked among. */
  readonly partly = computed(() => this.among.value.length < this.table.all.length);
  /** The features, as the instances among which is picked use them. */
  readonly features = computed(() => {
    const { features } = this.scene;
    return this.partly.value ? usedBy(this.table, features, this.among.value) : features;
  });
  readonly used = computed(() => this.table.every.filter((id) => this.features.value[id]?.count));
  readonly largest = computed(() => max(...this.features.value.map(({ importance }) => importance), 0));
  /** The features found by name, the most important first, and the instances by title; all where nothing is looked for. */
  readonly named = computed(() =>
    acrossIn(places(this.table.names, this.query.value), "importance", this.features.value),
  );
  readonly titled = computed(() => places(this.table.titles, this.query.value));
  /** The instances that are looked for; null where none are. */
  readonly found = computed((): readonly number[] | null => {
    const among = new Set(this.among.value);
    if (this.sought.value >= 0) return where(this.table, this.sought.value).filter((row) => among.has(row));
    return this.query.value.trim() ? this.titled.value : null;
  });
  /** What the matrix shows, in its order. */
  readonly rows = computed(() => {
    const found = new Set(this.found.value);
    const rows = this.among.value.filter((row) => found.has(row));
    const { lines, targets } = this.table;
    const chosen = this.chosen.value;
    return inOrder(orAll(rows, this.among.value), this.down.value, { lines, targets, chosen });
  });
  readonly shown = computed(() => {
    const used = new Set(this.used.value);
    const named = this.named.value.filter((id) => used.has(id));
    return acrossIn(orAll(named, this.used.value), this.across.value, this.features.value);
  });
  /** The submodular pick among the same instances, when a random one is shown after it. */
  readonly best = computed(() => {
    const { value: best } = this.#best;
    const picked = this.picked.value;
    return best && picked.method === "random" && sameAmong(best, picked) ? best.covered : null;
  });

  readonly #best = signal<Picked | null>(null);
  readonly #ends: (() => void)[];

  constructor(
    readonly host: PanelHost,
    readonly scene: PickScene,
  ) {
    this.table = tableOf(scene);
    this.#ends = [...this.#listen(), forgetting(this.wanted)];
  }

  #listen(): (() => void)[] {
    const { picked, state } = this.host;
    return [
      effect(() => {
        const now = picked.value;
        if (now?.method === "submodular") this.#best.value = now;
        this.wanted.value = null;
        this.pointed.value = -1;
      }),
      effect(() => {
        if (failedPick(state.status.value)) this.wanted.value = null;
      }),
    ];
  }

  #among({ target, errors }: Wish): readonly number[] {
    const { instances } = this.scene;
    return this.table.all.filter((row) => {
      const instance = instances[row];
      return instance && (target === null || instance.target === target) && (!errors || wrong(instance));
    });
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  /** Show so many of the picked; they are prefixes of one list, so nobody is asked. */
  spend(budget: number): void {
    this.host.keep({ ...this.host.state.look.peek(), budget });
  }

  /** Pick anew. */
  choose(change: Partial<Wish>): void {
    const { method, target, errors } = { ...this.wish.peek(), ...change };
    this.wanted.value = { method, target, errors };
    this.host.send?.(panelVerbs.pick(method, target, errors));
  }

  /** Show where a feature occurs, or no longer. */
  seek(feature: number): void {
    this.sought.value = this.sought.peek() === feature ? -1 : feature;
  }

  /** Look for a name or a title; for nothing, where it is empty. */
  look(query: string): void {
    this.sought.value = -1;
    this.query.value = query;
  }

  /** Open the form for a reason, or take the mark back. */
  flag(feature: number, anchor: HTMLElement): void {
    const mark = this.marks.peek().get(feature);
    if (mark) this.unmark(mark.columns ?? []);
    else this.marking.value = { features: [feature], anchor };
  }

  /** A mark made on many holds for all. */
  mark(features: readonly number[], because: string): void {
    this.host.send?.(panelVerbs.mark(features, because, "everywhere"));
    this.marking.value = null;
  }

  unmark(features: readonly number[]): void {
    this.host.send?.(panelVerbs.withdraw(features));
  }
}
