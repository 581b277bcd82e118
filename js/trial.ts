/** The reader's own trial – words away, words replaced – and what surrogate and model say to it. */
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Host, Look, Probe, Range, Reading, Scene } from "./contract";
import { counts, surrogate } from "./surrogate";

/** What a model says, and where its answers to draws lie. */
interface Answer {
  readonly outputs: readonly (number | null)[];
  readonly spread?: readonly Range[] | undefined;
}

/** What the reader painted over a picture, as it is sent. */
export interface Drawing {
  readonly png: ArrayBuffer;
}

/** Equal trials have equal keys, in whatever order they were made; what was painted is not looked at. */
export function keyOf({ off, edits, painted = false }: Omit<Probe, "outputs" | "spread">): string {
  const typed = Object.entries(edits).sort(([a], [b]) => Number(a) - Number(b));
  return JSON.stringify([[...off].sort((a, b) => a - b), typed, painted]);
}

const NOTHING = keyOf({ off: [], edits: {} });

/** The look without features that the scene does not have. */
function fitting(look: Look, { features }: Scene): Look {
  return {
    ...look,
    off: look.off.filter((id) => id in features),
    edits: Object.fromEntries(Object.entries(look.edits).filter(([id]) => Number(id) in features)),
  };
}

export type Trial = ReturnType<typeof trialOf>;

type Pen = Signal<Drawing | null>;

/** Trials of several models share what is drawn, and the drawing that a painted probe is the answer to. */
export function trialOf(
  { state }: Host,
  scene: Scene,
  reading: ReadonlySignal<Reading>,
  { drawing = signal(null), judged = signal(null) }: { drawing?: Pen; judged?: Pen } = {},
) {
  const look = computed(() => fitting(state.look.value, scene));
  const off: ReadonlySignal<ReadonlySet<number>> = computed(() => new Set(look.value.off));
  const edits: ReadonlySignal<ReadonlyMap<number, string>> = computed(
    () => new Map(Object.entries(look.value.edits).map(([id, text]) => [Number(id), text])),
  );
  const key = computed(() => keyOf({ ...look.value, painted: drawing.value !== null }));
  const idle = computed(() => key.value === NOTHING);
  const guess = computed(() =>
    surrogate(reading.value, off.value, (id) => counts(scene, id, edits.value.get(id))),
  );
  const known = computed((): Answer | null => {
    if (idle.value) return { outputs: reading.value.prediction };
    const probe = state.probe.value;
    if (!probe || keyOf(probe) !== key.value) return null;
    if (probe.painted && judged.value !== drawing.value) return null;
    const models = new Set(state.readings.value.map(({ model }) => model));
    const model = [...models].indexOf(reading.value.model);
    const outputs = probe.outputs[model];
    return outputs ? { outputs, spread: probe.spread?.[model] } : null;
  });
  const last = signal<Answer>({ outputs: reading.peek().prediction });
  const forget = effect(() => {
    if (known.value) last.value = known.value;
  });
  /** The model's last answer for the target; `fresh` while it is the answer to this very trial. */
  const answer = computed(() => ({
    value: last.value.outputs[reading.value.target] ?? null,
    spread: last.value.spread?.[reading.value.target],
    fresh: known.value !== null,
  }));
  return { look, off, edits, drawing, judged, key, idle, guess, known, answer, forget };
}
