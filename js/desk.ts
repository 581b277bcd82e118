/** The reader's desk: what one scene's view knows, and everything that can be done on it. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import {
  canProbe,
  failedAim,
  failedProbe,
  type Host,
  type Look,
  type Mark,
  type Reading,
  type Scene,
  type Status,
  verbs,
  type Weight,
} from "./contract";
import { digitsFor } from "./format";
import { Queue } from "./queue";
import { largest } from "./surrogate";
import { type Drawing, keyOf, type Trial, trialOf } from "./trial";

/** A choice of class that nothing answers for so long is taken back. */
const GIVE_UP = 8000;

export interface Marking {
  readonly features: readonly number[];
  readonly anchor: HTMLElement;
  readonly at?: DOMRect | undefined;
}

export class Desk {
  /** The feature under the pointer or the focus, or −1. */
  readonly hover = signal(-1);
  /** The features whose reason is being typed, the element that asked, and where. */
  readonly marking = signal<Marking | null>(null);
  readonly asking = signal(false);
  /** The class and number of bars on their way. */
  readonly wanted = signal<{ readonly target: number; readonly n: number } | null>(null);

  readonly reading: ReadonlySignal<Reading>;
  readonly trial: Trial;
  readonly marks: ReadonlySignal<ReadonlyMap<number, Mark>>;
  /** The weights drawn, by feature; the surrogate always reckons with all. */
  readonly shown: ReadonlySignal<ReadonlyMap<number, Weight>>;

  /** Digits after the point of every weight drawn. */
  readonly digits = computed(() => digitsFor(largest(this.reading.value.weights)));

  readonly #target = signal<number | null>(null);
  readonly #queue = new Queue(() => this.#send());
  readonly #ends: (() => void)[];
  #sent: Drawing | null = null;
  #giveUp: ReturnType<typeof setTimeout> | undefined;

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
      const top = (host.send ? null : look.value.top) ?? undefined;
      return new Map(this.reading.value.weights.slice(0, top).map((weight) => [weight[0], weight]));
    });
    this.#ends = [this.trial.forget, ...this.#listen(), () => clearTimeout(this.#giveUp)];
    if (!this.trial.idle.peek()) this.ask();
  }

  /** Settle what was asked when its answer or its failure comes. */
  #listen(): (() => void)[] {
    const { probe, readings, status } = this.host.state;
    return [
      effect(() => {
        if (probe.value?.painted) this.trial.judged.value = this.#sent;
        if (probe.value) this.#queue.answered(keyOf(probe.value));
        this.asking.value = this.#queue.busy;
      }),
      effect(() => {
        const failed = failedProbe(status.value);
        if (failed) this.#queue.failed(failed.id);
        this.asking.value = this.#queue.busy;
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

  close(): void {
    for (const end of this.#ends) end();
  }

  /** Ask the model about the trial, unless its answer is known or there is no model. */
  ask(): void {
    this.#queue.push();
    this.asking.value = this.#queue.busy;
  }

  #send() {
    const { host, scene, trial } = this;
    if (!host.send || !canProbe(host.state.status.peek()) || trial.known.peek()) return null;
    this.#sent = trial.drawing.peek();
    const painted = scene.kind === "image" ? this.#sent !== null : undefined;
    const buffers = this.#sent ? [this.#sent.png] : undefined;
    return { id: host.send(verbs.probe(trial.look.peek(), painted), buffers), about: trial.key.peek() };
  }

  /** Keep a look and, unless more is to come, ask about it. */
  keep(change: Partial<Look>, ask = true): void {
    this.host.keep({ ...this.trial.look.peek(), ...change });
    if (ask) this.ask();
  }

  /** Take a feature away or put it back; a replaced one is taken away. */
  toggle(id: number): void {
    const { [id]: typed, ...edits } = this.trial.look.peek().edits;
    const off = this.trial.look.peek().off;
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

  /** Have features made one, or cut up; their numbers change, so the trial ends. */
  reshape(merge: readonly number[][], split: readonly number[]): void {
    this.trial.drawing.value = null;
    this.keep({ off: [], edits: {} }, false);
    this.host.send?.(verbs.reshape(merge, split));
  }

  /** Put a replaced feature back. */
  restore(id: number): void {
    const { [id]: typed, ...edits } = this.trial.look.peek().edits;
    this.keep({ edits });
  }

  putBack(): void {
    this.trial.drawing.value = null;
    this.keep({ off: [], edits: {} });
  }

  /** Another class or number of bars: the kernel reads again, a page alone takes what it holds. */
  aim(target: number, n: number): void {
    if (this.host.send) {
      this.wanted.value = { target, n };
      this.host.send(verbs.aim(target, n));
      clearTimeout(this.#giveUp);
      this.#giveUp = setTimeout(() => (this.wanted.value = null), GIVE_UP);
      return;
    }
    this.#target.value = target;
    this.keep({ top: n });
  }

  /** The classes that can be asked about: all with a kernel, else those read before. */
  get targets(): readonly number[] {
    const { host, scene } = this;
    if (host.send) return scene.classes.map((_, target) => target);
    return host.state.readings.peek().map(({ target }) => target);
  }

  /** How many bars there can be: all features with a kernel, else those read before. */
  get most(): number {
    return this.host.send ? this.scene.features.length : this.reading.value.weights.length;
  }

  /** Open the form for a reason, or take the mark back. */
  flag(feature: number, anchor: HTMLElement, at?: DOMRect): void {
    const mark = this.marks.peek().get(feature);
    if (mark) this.host.send?.(verbs.withdraw(mark.features));
    else if (this.host.send) this.marking.value = { features: [feature], anchor, at };
  }

  /** A superpixel is nowhere but in its picture. */
  mark(features: readonly number[], because: string): void {
    this.host.send?.(verbs.mark(features, because, this.scene.kind === "image" ? "instance" : "everywhere"));
    this.marking.value = null;
  }
}
