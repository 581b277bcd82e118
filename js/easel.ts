/** The reader's easel: how a picture is looked at, what is chosen in it, what is drawn on it. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type Atlas, type Box, towards } from "./atlas";
import { inkOf, lay, type Stretch, sweep } from "./brush";
import { drawIn, encode } from "./canvas";
import { type Layers, type Paint, paintFor } from "./compose";
import { canProbe, canSample, type Weight } from "./contract";
import type { Desk } from "./desk";
import { floor, max } from "./maths";
import { outline } from "./outline";
import { largest } from "./surrogate";
import { spoken } from "./told";

export type Tool = "take" | "brush" | "select" | "draw";

/** How the reader wants the picture; kept when its superpixels change. */
export class Settings {
  readonly tool = signal<Tool>("take");
  /** In percent. */
  readonly strength = signal(65);
  readonly outlines = signal(false);
  /** How many of the strongest superpixels count. */
  readonly top = signal(Infinity);
  /** Whether the rest is hidden. */
  readonly alone = signal(false);
  readonly original = signal(false);
  /** The brush, in percent of the picture's longer side. */
  readonly brush = signal(6);
  readonly ink = signal("#d62828");
}

const NOTHING = new Uint32Array(0);
const NONE: ReadonlySet<number> = new Set();
/** The smallest brush still meets the pixel under it. */
const LEAST = 0.71;

export class Easel {
  readonly atlas: Atlas;
  /** The superpixel that the keys stand on, or −1. */
  readonly at = signal(-1);
  readonly chosen = signal(NONE);
  /** A rectangle being drawn, or a ring around the pointer, as a path. */
  readonly sketch = signal("");
  /** What is told to those who listen. */
  readonly said = signal("");
  /** Counts the changes of the drawing. */
  readonly wet = signal(0);
  readonly top: ReadonlySignal<readonly Weight[]>;
  readonly absent: ReadonlySignal<Uint8Array>;
  readonly paint: ReadonlySignal<Paint>;
  readonly #drawn: Uint32Array<ArrayBuffer>;
  readonly #outlines = new Map<number, string>();

  constructor(
    readonly desk: Desk,
    readonly photo: Layers,
    readonly settings: Settings,
  ) {
    const { trial, shown, reading, scene } = desk;
    const { top, original, alone, strength, outlines } = settings;
    const count = scene.features.length;
    this.atlas = photo.atlas;
    this.#drawn = new Uint32Array(photo.pixels.length);
    const off = computed(() => (original.value ? NONE : trial.off.value));
    this.top = computed(() => (original.value ? [] : [...shown.value.values()].slice(0, top.value)));
    this.absent = computed(() => {
      const absent = new Uint8Array(count).fill(Number(alone.value && !original.value));
      for (const [id] of this.top.value) absent[id] = 0;
      for (const id of off.value) absent[id] = 1;
      return absent;
    });
    this.paint = computed(() =>
      paintFor(count, {
        weights: this.top.value,
        full: largest(reading.value.weights),
        strength: strength.value / 100,
        outlines: outlines.value && !original.value,
        doubtful: reading.value.doubt !== null,
        off: off.value,
      }),
    );
    effect(() => {
      if (trial.drawing.value) return;
      this.#drawn.fill(0);
      this.wet.value = this.wet.peek() + 1;
    });
  }

  /** Whether the model can be asked, and whether superpixels can be chosen, to be sampled in another shape. */
  get can() {
    const { host, status } = this.desk;
    return { draw: host.send && canProbe(status), choose: host.send && canSample(status) };
  }

  /** What is painted over the photograph. */
  get cover(): Uint32Array {
    return this.settings.original.value ? NOTHING : this.#drawn;
  }

  get radius(): number {
    const { width, height } = this.atlas;
    return max((this.settings.brush.peek() / 200) * max(width, height), LEAST);
  }

  /** The outline of a superpixel, traced once. */
  outline(id: number): string {
    const known = this.#outlines.get(id) ?? outline(this.atlas, id);
    this.#outlines.set(id, known);
    return known;
  }

  /** Stand on a superpixel, and say so. */
  stand(id: number): void {
    this.at.value = id;
    this.desk.hover.value = id;
    this.said.value = `${spoken(this.desk, id)}, ${this.#place(id)}`;
  }

  /** Follow an arrow; false for other keys. */
  move(key: string): boolean {
    const next = towards(this.atlas, this.at.peek(), key);
    if (next !== null) this.stand(next);
    return next !== null;
  }

  /** Where a superpixel lies, in words. */
  #place(id: number): string {
    const { centres, width, height } = this.atlas;
    const { x = 0, y = 0 } = centres[id] ?? {};
    const third = (share: number, ...words: string[]) => words[floor(share * 3)];
    return `${third(y / height, "top", "middle", "bottom")} ${third(x / width, "left", "centre", "right")}`;
  }

  choose(ids: readonly number[], flip = false): void {
    const chosen = new Set(this.chosen.peek());
    for (const id of ids) if (!flip || !chosen.delete(id)) chosen.add(id);
    this.chosen.value = chosen;
    this.said.value = `${chosen.size} selected`;
  }

  unchoose(): void {
    this.chosen.value = NONE;
  }

  /** Draw along a stretch. */
  stroke(stretch: Stretch): void {
    const ink = inkOf(this.settings.ink.peek());
    sweep(this.atlas, stretch, this.radius, (pixel) => {
      this.#drawn[pixel] = ink;
    });
    this.wet.value += 1;
  }

  /** Ask about the picture as it is drawn on now. */
  async ask(): Promise<void> {
    this.desk.draw({ png: await encode(this.#drawn, this.atlas) });
  }

  /** Lay a picture into a box, as large as fits. */
  async paste(file: Blob, into: Box): Promise<void> {
    lay(this.#drawn, await drawIn(file, this.atlas, into));
    this.wet.value += 1;
    await this.ask();
  }
}
