/** What the page of a session knows, and everything that can be done on it. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import {
  canMark,
  canProbe,
  type Mark,
  type Reading,
  type Scope,
  type Traits,
  type Verb,
  verbs,
} from "../contract";
import { Pair } from "../pair/store";
import type { PanelHost } from "../panelhost";
import type { PairInstance, SessionScene } from "../panels";
import {
  type About,
  can,
  type Further,
  failed,
  type Of,
  type Plan,
  type Revision,
  sessionVerbs,
} from "../sessions";
import { behind, still } from "./behind";

type State = { readonly [K in keyof (Traits & Further)]: ReadonlySignal<(Traits & Further)[K]> };

/** What is about to be marked, or is marked for another reason or elsewhere. */
export interface Marking {
  readonly name: string;
  readonly because: string;
  readonly scope: Scope;
  /** Whether the scope can be chosen. */
  readonly scoped: boolean;
  readonly anchor: HTMLElement;
  readonly at?: DOMRect | undefined;
  mark(because: string, scope: Scope): void;
}

const modelsOf = (readings: readonly Reading[]) => [...new Set(readings.map(({ model }) => model))];

const likeliest = (prediction: readonly (number | null)[]) =>
  prediction.reduce<number>((best, p, i) => ((p ?? 0) > (prediction[best] ?? 0) ? i : best), 0);

export class Loop {
  readonly marking = signal<Marking | null>(null);
  /** The correction that is looked at before its preview has come, and the plan that was there. */
  readonly wanted = signal<{ readonly correction: string; readonly plan: Plan | null } | null>(null);

  readonly host: PanelHost;
  readonly state: State;
  readonly about: ReadonlySignal<About>;
  readonly items = computed(() => this.state.picked.value.items ?? []);
  readonly item = computed(() => this.items.value.find(({ row }) => row === this.host.row.value));
  readonly phase = computed(() => this.state.status.value.phase);
  /** Whether a preview is on its way. */
  readonly previewing = computed(
    () => this.wanted.value?.plan === this.state.plan.value && !failed(this.state.status.value, "preview"),
  );
  readonly correction = computed(
    () => (this.previewing.value ? this.wanted.value : this.state.plan.value)?.correction ?? null,
  );
  /** Whether the plan, and how the model does, are still those of other marks and of another revision. */
  readonly planning = behind(
    () => this.state.plan.value,
    () => JSON.stringify(this.#kept.map(({ because, ...mark }) => mark)),
  );
  readonly measuring = behind(
    () => this.state.standing.value,
    () => this.now,
  );
  /** How many models read the opened instance: the one as it is, or before and after. */
  readonly many = computed(() => modelsOf(this.state.readings.value).length);
  readonly pair = computed(() => this.#pair(this.many.value));

  constructor(
    host: PanelHost,
    readonly scene: SessionScene,
  ) {
    const { instance } = host.state;
    const inner = { ...host.inner, state: { ...host.inner.state, scene: still(instance) } };
    this.host = { ...host, inner };
    this.state = host.state as unknown as State;
    this.about = instance as ReadonlySignal<About>;
  }

  /** The opened instance as one model has it or two; the last is the one as it is. */
  #pair(many: number): Pair {
    const { classes, scale, unit } = this.scene;
    const opened = () => this.#opened();
    const pair = new Pair(this.host, {
      kind: "pair",
      unit,
      classes,
      scale,
      models: modelsOf(this.state.readings.peek()),
      order: [0, 1],
      get instances() {
        return opened();
      },
    });
    pair.lens.value = many - 1;
    return pair;
  }

  #opened(): PairInstance[] {
    const answers = this.state.readings.value.map(({ prediction }) => {
      const target = likeliest(prediction);
      return { target, prediction: prediction[target] ?? null };
    });
    const row = this.host.row.value ?? 0;
    const instance = { title: "", label: this.label, answers, overlap: null, turned: [], cosine: null };
    return Object.assign([], { [row]: instance });
  }

  /** The marks by their keys; a part of a picture has another name in each. */
  get #kept() {
    return this.state.ledger.value.marks ?? [];
  }

  /** What travels with the marks and is not marked yet. */
  get suggestions() {
    return this.state.suggestions.value.filter(({ name }) => !this.#kept.some(({ key }) => key === name));
  }

  find(revision: number): Revision | undefined {
    return this.state.revisions.value.find(({ number }) => number === revision);
  }

  /** The number of the revision whose model is shown. */
  get now(): number {
    return this.state.current.value;
  }

  get title(): string {
    const { title } = this.about.value;
    return `${this.host.row.value} · ${title ?? this.item.value?.title ?? ""}`;
  }

  get label(): number | null {
    return this.about.value.label ?? this.item.value?.label ?? null;
  }

  /** Whether a kernel listens, and what it can do now. */
  get listens(): boolean {
    return this.host.send !== null;
  }

  get marks(): boolean {
    return this.listens && canMark(this.state.status.value);
  }

  get asks(): boolean {
    return this.listens && canProbe(this.state.status.value);
  }

  able(what: Parameters<typeof can>[1]): boolean {
    return this.listens && can(this.state.status.value, what);
  }

  get everywhere(): boolean {
    return this.scene.everywhere ?? true;
  }

  /** The scope that a mark has unless a narrower one is chosen. */
  get widest(): Scope {
    return this.everywhere ? "everywhere" : "instance";
  }

  send(verb: Verb): void {
    this.host.send?.(verb);
  }

  preview(correction: string): void {
    this.wanted.value = { correction, plan: this.state.plan.peek() };
    this.send(sessionVerbs.preview(correction));
  }

  /** Mark features of the opened instance. */
  markHere(features: readonly number[], because: string, scope: Scope): void {
    this.send(verbs.mark(features, because, scope));
  }

  mark(of: Of, ids: readonly number[], because: string, scope: Scope): void {
    this.send(sessionVerbs.mark(of, ids, because, scope));
  }

  /** Open the form for a reason, another one where there is one. */
  ask(of: Of, id: number, now: Pick<Mark, "name" | "because" | "scope">, anchor: HTMLElement): void {
    const mark = (because: string, scope: Scope) => this.mark(of, [id], because, scope);
    this.marking.value = { ...now, scoped: of === "marks", anchor, mark };
  }
}
