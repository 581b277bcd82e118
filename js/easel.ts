/** The reader's easel: how a picture is looked at, what is chosen in it, what is drawn on it. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type Atlas, type Box, type Point, towards, whole } from "./atlas";
import { fit, inkOf, lay, sweep } from "./brush";
import { decodeFile, encode } from "./canvas";
import { type Paint, paintFor } from "./compose";
import { canProbe, canSample, type Weight } from "./contract";
import type { Desk } from "./desk";
import { outline } from "./outline";
import type { Photo } from "./photo";
import { largest } from "./surrogate";
import { spoken } from "./told";

export type Tool = "take" | "brush" | "select" | "draw";

/** How the reader wants the picture; kept when its superpixels change. */
export class Settings {
  readonly tool = signal<Tool>("take");
  /** In percent. */
  readonly strength = signal(65);
  readonly outlines = signal(false);
  /** How many of the strongest superpixels count; null: all that have a weight. */
  readonly top = signal<number | null>(null);
  readonly alone = signal(false);
  readonly original = signal(false);
  /** The brush, in percent of the picture's longer side. */
  readonly brush = signal(6);
  readonly ink = signal("#d62828");
}

const NOTHING = new Uint32Array(0);
/** The smallest brush still meets the pixel under it. */
const LEAST = 0.71;

export class Easel {
  /** The superpixel that the keys stand on, or −1. */
  readonly at = signal(-1);
  readonly chosen = signal<ReadonlySet<number>>(new Set());
  readonly marquee = signal<Box | null>(null);
  readonly pointer = signal<Point | null>(null);
  /** What is told to those who listen. */
  readonly said = signal("");
  /** Where the drawing has changed. */
  readonly wet = signal<Box | null>(null);
  readonly top: ReadonlySignal<readonly Weight[]>;
  readonly absent: ReadonlySignal<Uint8Array>;
  readonly paint: ReadonlySignal<Paint>;
  readonly drawn: Uint32Array<ArrayBuffer>;
  private readonly outlines = new Map<number, string>();
  private readonly end: () => void;

  constructor(
    readonly desk: Desk,
    readonly photo: Photo,
    readonly settings: Settings,
  ) {
    const { trial, shown, reading } = desk;
    const { top, original, strength, outlines } = settings;
    this.drawn = new Uint32Array(photo.width * photo.height);
    this.top = computed(() => [...shown.value.values()].slice(0, top.value ?? undefined));
    this.absent = computed(() => this.absence());
    this.paint = computed(() =>
      paintFor(desk.scene.features.length, {
        weights: original.value ? [] : this.top.value,
        full: largest(reading.value.weights),
        strength: strength.value / 100,
        outlines: outlines.value && !original.value,
        doubtful: reading.value.doubt !== null,
        off: original.value ? new Set() : trial.off.value,
      }),
    );
    this.end = effect(() => {
      if (!trial.drawing.value) this.wipe();
    });
  }

  close(): void {
    this.end();
  }

  get atlas(): Atlas {
    return this.photo.atlas;
  }

  /** Whether superpixels can be cut and joined: a model must be asked again. */
  get reshapes(): boolean {
    return this.desk.host.send !== null && canSample(this.desk.host.state.status.value);
  }

  get draws(): boolean {
    return this.desk.host.send !== null && canProbe(this.desk.host.state.status.value);
  }

  /** What is painted over the photograph now. */
  get cover(): Uint32Array {
    return this.settings.original.value ? NOTHING : this.drawn;
  }

  get radius(): number {
    const { width, height } = this.photo;
    return Math.max((this.settings.brush.value / 200) * Math.max(width, height), LEAST);
  }

  private absence(): Uint8Array {
    const { alone, original } = this.settings;
    const absent = new Uint8Array(this.desk.scene.features.length);
    if (original.value) return absent;
    if (alone.value) {
      absent.fill(1);
      for (const [id] of this.top.value) absent[id] = 0;
    }
    for (const id of this.desk.trial.off.value) absent[id] = 1;
    return absent;
  }

  /** The outline of a superpixel, traced once. */
  outline(id: number): string {
    const known = this.outlines.get(id) ?? outline(this.atlas, new Set([id]));
    this.outlines.set(id, known);
    return known;
  }

  /** Stand on a superpixel, and say so. */
  stand(id: number): void {
    this.at.value = id;
    this.desk.hover.value = id;
    this.said.value = `${spoken(this.desk, id)}, ${this.place(id)}`;
  }

  /** Follow an arrow; false for other keys. */
  move(key: string): boolean {
    const next = towards(this.atlas, this.at.peek(), key);
    if (next !== null) this.stand(next);
    return next !== null;
  }

  /** Where a superpixel lies, in words. */
  private place(id: number): string {
    const { centres, areas, width, height } = this.atlas;
    const { x, y } = centres[id] ?? { x: 0, y: 0 };
    const third = (share: number, words: readonly string[]) => words[Math.min(Math.floor(share * 3), 2)];
    const share = Math.round((100 * (areas[id] ?? 0)) / (width * height));
    const words = [
      third(y / height, ["top", "middle", "bottom"]),
      third(x / width, ["left", "centre", "right"]),
    ];
    return `${words.join(" ")}, ${share || "under 1"} % of the picture`;
  }

  choose(ids: Iterable<number>, flip = false): void {
    const chosen = new Set(this.chosen.peek());
    for (const id of ids) flip && chosen.has(id) ? chosen.delete(id) : chosen.add(id);
    this.chosen.value = chosen;
    this.said.value = `${chosen.size} selected`;
  }

  unchoose(): void {
    this.chosen.value = new Set();
  }

  reshape(how: "merge" | "split"): void {
    const ids = [...this.chosen.peek()];
    this.unchoose();
    this.desk.reshape(how === "merge" ? [ids] : [], how === "split" ? ids : []);
  }

  /** Draw along a stretch. */
  stroke(stretch: readonly [Point, Point]): void {
    const ink = inkOf(this.settings.ink.peek());
    this.wet.value = sweep(this.photo, stretch, this.radius, (pixel) => {
      this.drawn[pixel] = ink;
    });
  }

  /** Ask about the picture as it is drawn on now. */
  async ask(): Promise<void> {
    this.desk.draw({ png: await encode(this.drawn, this.photo) });
  }

  /** Lay a picture into a box, as large as fits. */
  async paste(file: Blob, into: Box): Promise<void> {
    let box = into;
    const picture = await decodeFile(file, (size) => {
      box = fit(size, into);
      return { width: box.right - box.left, height: box.bottom - box.top };
    });
    lay(this.drawn, this.photo, picture, box);
    this.wet.value = box;
    await this.ask();
  }

  private wipe(): void {
    this.drawn.fill(0);
    this.wet.value = whole(this.photo);
  }
}
