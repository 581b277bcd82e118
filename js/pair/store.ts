/** What the view of several models knows: their names or none, and whose reasons are looked at. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { PanelHost } from "../panelhost";
import type { PairInstance, PairScene } from "../panels";

/** In place of a column: what the last has more than the first. */
export const DIFFERENCE = -1;

const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];

export class Pair {
  /** The column whose reasons are shown in the instance, or the difference. */
  readonly lens = signal(0);
  readonly blind = computed(() => this.host.state.look.value.blind ?? false);
  /** The model in each column. */
  readonly seats: ReadonlySignal<readonly number[]> = computed(() =>
    this.blind.value ? this.scene.order : this.scene.models.map((_, model) => model),
  );
  /** What each column is called. */
  readonly names: ReadonlySignal<readonly string[]> = computed(() =>
    this.seats.value.map((model, place) =>
      this.blind.value ? (ORDINALS[place] ?? `number ${place + 1}`) : (this.scene.models[model] ?? ""),
    ),
  );

  constructor(
    readonly host: PanelHost,
    readonly scene: PairScene,
  ) {}

  /** Hide which model is which, or show it again. */
  hide(): void {
    this.host.keep({ ...this.host.state.look.peek(), blind: !this.blind.peek() });
  }
}

/** Whether the models answer with different classes. */
export const differs = ({ answers }: PairInstance) =>
  answers.some(({ target }) => target !== answers[0]?.target);

/** Whether a model is right; null where the truth is not known. */
export const right = ({ label, answers }: PairInstance, model: number): boolean | null =>
  label === null ? null : answers[model]?.target === label;
