/** The reader's desk: what one scene's view knows, and everything that can be done on it. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Host, Look, Mark, Reading, Scene, Status, Weight } from "./contract";
import { canAim, canProbe, failedAim, failedProbe, verbs } from "./contract";
import { digitsFor } from "./format";
import { Queue } from "./queue";
import { largest } from "./surrogate";
import { type Drawing, keyOf, type Trial, trialOf } from "./trial";
import { forgetting } from "./wish";

export interface Marking {
  readonly features: readonly number[];
  readonly anchor: HTMLElement;
  readonly at?: DOMRect | undefined;
  /** What is marked, where it is not called as its features are. */
  readonly name?: string | undefined;
}

export class Desk {
  /** The feature under the pointer or the focus, or −1. */
  readonly hover = signal(-1);
  /** The features whose reason is being typed, the element that asked, and where. */
  readonly marking = signal<Marking | null>(null);
  /** The class and number of bars on their way. */
  readonly wanted = signal<{ readonly target: number; readonly n: number } | null>(null);

  readonly reading: ReadonlySignal<Reading>;
  readonly trial: Trial;
  readonly marks: ReadonlySignal<ReadonlyMap<number, Mark>>;
  /** The weights drawn, by feature; the surrogate always reckons with all. */
  readonly shown: ReadonlySignal<ReadonlyMap<number, Weight>>;

  /** Digits after the point of every weight drawn. */
  readonly digits = computed(() => digitsFor(largest(this.reading.value.weights)));

  /** The features whose weight cannot be told from the one above by its size. */
  readonly tied = computed(() => {
    const { weights, tied } = this.reading.value;
    return new Set(weights.flatMap(([id], i) => (tied?.[i] ? [id] : [])));
  });

  readonly #target = signal<number | null>(null);
  readonly #queue = new Queue(() => this.#send());
  readonly asking: ReadonlySignal<boolean> = this.#queue.busy;
  readonly #ends: (() => void)[];
  #sent: Drawing | null = null;

  constructor(
    readonly host: Host,
    readonly scene: Scene,
    first: Reading,
  ) {
    const { look, marks, readings } = host.state;
    this.reading = computed(
      () => readings.value.find(({ target }) => target === this.#target.value) ?? readings.value[0] ?? first,
    );
    this.trial = trialOf(host, scene, this.reading);
    this.marks = computed(
      () => new Map(marks.value.flatMap((mark) => mark.features.map((id) => [id, mark]))),
    );
    this.shown = computed(() => {
      const top = (this.rereads ? null : look.value.top) ?? undefined;
      return new Map(this.reading.value.weights.slice(0, top).map((weight) => [weight[0], weight]));
    });
    this.#ends = [this.trial.forget, ...this.#listen(), forgetting(this.wanted)];
    if (!this.trial.idle.peek()) this.ask();
  }

  /** Settle what was asked when its answer or its failure comes. */
  #listen(): (() => void)[] {
    const { probe, readings, status } = this.host.state;
    return [
      effect(() => {
        if (probe.value?.painted) this.trial.judged.value = this.#sent;
        if (probe.value) this.#queue.answered(keyOf(probe.value));
      }),
      effect(() => {
        const failed = failedProbe(status.value);
        if (failed) this.#queue.failed(failed.id);
        if (failedAim(status.value)) this.wanted.value = null;
      }),
      readings.subscribe((all) => {
        if (all.some(({ target }) => target === this.wanted.peek()?.target)) this.wanted.value = null;
      }),
    ];
  }

  get status(): Status {
    return this.host.state.status.value;
  }

  get #look(): Look {
    return this.trial.look.peek();
  }

  /** Whether the kernel reads again; else there is only what was read. */
  get rereads(): boolean {
    return this.host.send !== null && canAim(this.status);
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  /** Ask the model about the trial, unless its answer is known or there is no model. */
  ask(): void {
    this.#queue.push();
  }

  #send() {
    const { host, scene, trial } = this;
    if (!host.send || !canProbe(host.state.status.peek()) || trial.known.peek()) return null;
    this.#sent = trial.drawing.peek();
    const painted = scene.kind === "image" ? this.#sent !== null : undefined;
    const buffers = this.#sent ? [this.#sent.png] : undefined;
    return { id: host.send(verbs.probe(this.#look, painted), buffers), about: trial.key.peek() };
  }

  /** Keep a look and, unless more is to come, ask about it. */
  keep(change: Partial<Look>, ask = true): void {
    this.host.keep({ ...this.#look, ...change });
    if (ask) this.ask();
  }

  /** Take a feature away or put it back; a replaced one is taken away. */
  toggle(id: number): void {
    const { [id]: typed, ...edits } = this.#look.edits;
    const { off } = this.#look;
    this.keep({ edits, off: off.includes(id) ? off.filter((other) => other !== id) : [...off, id] });
  }

  /** Take several away together; put them back where all are away. */
  turn(ids: readonly number[], away = ids.some((id) => !this.trial.off.peek().has(id))): void {
    const before = this.trial.off.peek();
    const off = [...before].filter((id) => !ids.includes(id)).concat(away ? ids : []);
    if (ids.some((id) => before.has(id) !== away)) this.keep({ off });
  }

  /** Ask about a picture as the reader painted it; null: as it is. */
  draw(drawing: Drawing | null): void {
    this.trial.drawing.value = drawing;
    this.ask();
  }

  /** Put a replaced feature back. */
  restore(id: number): void {
    const { [id]: typed, ...edits } = this.#look.edits;
    this.keep({ edits });
  }

  putBack(ask = true): void {
    this.trial.drawing.value = null;
    this.keep({ off: [], edits: {} }, ask);
  }

  /** Another class or number of bars: read again, or taken of what was read. */
  aim(target: number, n: number): void {
    if (this.rereads) {
      this.wanted.value = { target, n };
      this.host.send?.(verbs.aim(target, n));
      return;
    }
    this.#target.value = target;
    this.keep({ top: n });
  }

  /** The classes that can be asked about. */
  get targets(): readonly number[] {
    if (this.rereads) return this.scene.classes.map((_, target) => target);
    return this.host.state.readings.peek().map(({ target }) => target);
  }

  /** How many bars there can be. */
  get most(): number {
    return this.rereads ? this.scene.features.length : this.reading.value.weights.length;
  }

  /** Open the form for a reason, or take the mark back. */
  flag(feature: number, anchor: HTMLElement, at?: DOMRect, name?: string): void {
    const mark = this.marks.peek().get(feature);
    if (mark) this.host.send?.(verbs.withdraw(mark.features));
    else if (this.host.send) this.marking.value = { features: [feature], anchor, at, name };
  }

  /** A superpixel is nowhere but in its picture. */
  mark(features: readonly number[], because: string): void {
    this.host.send?.(verbs.mark(features, because, this.scene.kind === "image" ? "instance" : "everywhere"));
    this.marking.value = null;
  }
}
