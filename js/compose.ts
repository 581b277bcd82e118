/** Pixels from layers: the photograph with parts absent, and the evidence over it. Pixels are 32 bits, red lowest. */
import type { Atlas, Size } from "./atlas";
import type { Weight } from "./contract";
import { abs, floor, max, min, round } from "./maths";

type Rgb = readonly [red: number, green: number, blue: number];

const rgba = ([red, green, blue]: Rgb, alpha: number) =>
  ((round(alpha * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;

export interface Layers {
  readonly atlas: Atlas;
  readonly pixels: Uint32Array;
  /** What shows where a superpixel is absent. */
  readonly backdrop: Uint32Array;
}

/** A whole backdrop from three bytes of colour for each superpixel. */
export function flood({ labels }: Atlas, colours: Uint8Array): Uint32Array {
  const shades = new Uint32Array(colours.length / 3).map((_, id) =>
    rgba([...colours.subarray(3 * id, 3 * id + 3)] as unknown as Rgb, 1),
  );
  return Uint32Array.from(labels, (id) => shades[id] as number);
}

/** Write what the model would see: the drawing over the backdrop over the photograph. */
export function compose(out: Uint32Array, layers: Layers, absent: Uint8Array, drawn: Uint32Array): void {
  const { atlas, pixels, backdrop } = layers;
  const { labels } = atlas;
  for (let i = 0; i < out.length; i++)
    out[i] = drawn[i] || ((absent[labels[i] as number] ? backdrop[i] : pixels[i]) as number);
}

/** The label map in the size of a screen, and the pairs of pixels between which it changes. */
export interface Screen extends Size {
  readonly ids: Uint16Array;
  readonly borders: readonly number[];
}

export function screenOf({ labels, width, height }: Atlas, size: Size): Screen {
  const ids = new Uint16Array(size.width * size.height);
  const from = Uint32Array.from({ length: size.width }, (_, x) => ((x + 0.5) * width) / size.width);
  for (let y = 0, i = 0; y < size.height; y++) {
    const row = floor(((y + 0.5) * height) / size.height) * width;
    for (const x of from) ids[i++] = labels[row + x] as number;
  }
  const borders: number[] = [];
  ids.forEach((id, i) => {
    if ((i + 1) % size.width && ids[i + 1] !== id) borders.push(i, i + 1);
    if (i + size.width < ids.length && ids[i + size.width] !== id) borders.push(i, i + size.width);
  });
  return { ...size, ids, borders };
}

/** How each superpixel is painted: its tint, its stripes' two, whether they fall, and how strong its edges are. */
export type Paint = readonly [
  plain: Uint32Array,
  dark: Uint32Array,
  light: Uint32Array,
  falls: Uint8Array,
  edged: Uint8Array,
];

export interface Wish {
  readonly weights: readonly Weight[];
  /** The largest weight there is. */
  readonly full: number;
  /** The largest alpha. */
  readonly strength: number;
  readonly outlines: boolean;
  readonly doubtful: boolean;
  /** What the reader took away: no evidence, but edges. */
  readonly off: ReadonlySet<number>;
}

const FOR: Rgb = [20, 104, 228];
const AGAINST: Rgb = [245, 140, 10];
/** Stripes are dark beside light, to be seen on any ground. */
const STRIPES: readonly Rgb[] = [
  [122, 48, 0],
  [255, 205, 130],
];
const FAINTEST = 0.12;

/** Blue evidence is plain, orange is striped; evidence in doubt is stripes alone, falling or rising. */
export function paintFor(count: number, wish: Wish): Paint {
  const { weights, full, strength, outlines, doubtful, off } = wish;
  const [plain, dark, light] = [new Uint32Array(count), new Uint32Array(count), new Uint32Array(count)];
  const [falls, edged] = [new Uint8Array(count), new Uint8Array(count).fill(Number(outlines))];
  for (const id of off) edged[id] = 2;
  for (const [id, weight] of weights) {
    if (off.has(id) || !strength) continue;
    const alpha = strength * (FAINTEST + (1 - FAINTEST) * abs(weight / full));
    const against = weight < 0;
    const tint = rgba(against ? AGAINST : FOR, alpha);
    const stripes = STRIPES.map((rgb) => rgba(rgb, min(1, alpha + 0.15)));
    plain[id] = doubtful ? 0 : tint;
    [dark[id], light[id]] = (against && !doubtful ? stripes : [tint, tint]) as [number, number];
    falls[id] = Number(!against);
  }
  return [plain, dark, light, falls, edged];
}

/** Edges of every superpixel, and of those that are away: a light line beside a dark one. */
const LIGHT = [0, rgba([255, 255, 255], 0.45), rgba([255, 255, 255], 0.9)];
const DARK = [0, rgba([0, 0, 0], 0.35), rgba([0, 0, 0], 0.8)];

/** Write the evidence; stripes are `pitch` apart. */
export function tint(out: Uint32Array, screen: Screen, paint: Paint, pitch: number): void {
  const { ids, borders, width, height } = screen;
  const [plain, dark, light, falls, edged] = paint;
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const id = ids[i] as number;
      let shade = plain[id] as number;
      if (dark[id] !== shade) {
        const along = (5 * ((falls[id] ? x - y + pitch * height : x + y) % pitch)) / pitch;
        if (along < 2) shade = (along < 1 ? dark[id] : light[id]) as number;
      }
      out[i] = shade;
    }
  for (let k = 0; k < borders.length; k += 2) {
    const [i, j] = [borders[k] as number, borders[k + 1] as number];
    const edge = max(edged[ids[i] as number] as number, edged[ids[j] as number] as number);
    if (!edge) continue;
    out[i] = LIGHT[edge] as number;
    out[j] = DARK[edge] as number;
  }
}
