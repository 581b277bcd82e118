/** Pixels from layers: the photograph with parts absent, and the evidence over it. Pixels are 32 bits, red lowest. */
import type { Atlas, Box, Size } from "./atlas";
import type { Weight } from "./contract";

type Rgb = readonly [red: number, green: number, blue: number];

const rgba = ([red, green, blue]: Rgb, alpha: number) =>
  ((Math.round(alpha * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;

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

/** Write what the model would see of a box: the drawing over the backdrop over the photograph. */
export function compose(
  out: Uint32Array,
  { atlas: { labels, width }, pixels, backdrop }: Layers,
  absent: Uint8Array,
  drawn: Uint32Array,
  { x0, y0, x1, y1 }: Box,
): void {
  for (let y = y0; y < y1; y++)
    for (let i = y * width + x0; i < y * width + x1; i++)
      out[i] = drawn[i] || ((absent[labels[i] as number] ? backdrop[i] : pixels[i]) as number);
}

/** The label map in the size of a screen. */
export interface Screen extends Size {
  readonly ids: Uint16Array;
}

export function screenOf({ labels, width, height }: Atlas, size: Size): Screen {
  const ids = new Uint16Array(size.width * size.height);
  const from = Uint32Array.from({ length: size.width }, (_, x) => ((x + 0.5) * width) / size.width);
  for (let y = 0, i = 0; y < size.height; y++) {
    const row = Math.floor(((y + 0.5) * height) / size.height) * width;
    for (const x of from) ids[i++] = labels[row + x] as number;
  }
  return { ...size, ids };
}

/** A box of the picture on the screen, with the edges around it. */
export function onScreen({ x0, y0, x1, y1 }: Box, from: Size, { width, height }: Size): Box {
  const [across, down] = [width / from.width, height / from.height];
  return {
    x0: Math.max(Math.floor(x0 * across) - 1, 0),
    y0: Math.max(Math.floor(y0 * down) - 1, 0),
    x1: Math.min(Math.ceil(x1 * across) + 1, width),
    y1: Math.min(Math.ceil(y1 * down) + 1, height),
  };
}

type List = Uint8Array | Uint32Array;

/** How each superpixel is painted: its tint, that of its stripes, whether they fall, and whether it has edges. */
export type Paint = readonly [plain: Uint32Array, striped: Uint32Array, falls: Uint8Array, edged: Uint8Array];

/** The superpixels in which some of the lists differ from those of before. */
export const changed = (before: readonly List[], now: readonly List[]): number[] =>
  [...(now[0] as List).keys()].filter((id) => now.some((list, k) => list[id] !== before[k]?.[id]));

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
const STRIPE: Rgb = [122, 48, 0];
const FAINTEST = 0.12;

/** Blue evidence is plain, orange is striped; evidence in doubt is stripes alone, falling or rising. */
export function paintFor(count: number, wish: Wish): Paint {
  const { weights, full, strength, outlines, doubtful, off } = wish;
  const [plain, striped] = [new Uint32Array(count), new Uint32Array(count)];
  const [falls, edged] = [new Uint8Array(count), new Uint8Array(count).fill(Number(outlines))];
  for (const id of off) edged[id] = 1;
  for (const [id, weight] of weights) {
    if (off.has(id) || !strength) continue;
    const alpha = strength * (FAINTEST + (1 - FAINTEST) * Math.abs(weight / full));
    const against = weight < 0;
    const tint = rgba(against ? AGAINST : FOR, alpha);
    plain[id] = doubtful ? 0 : tint;
    striped[id] = against && !doubtful ? rgba(STRIPE, Math.min(1, alpha + 0.15)) : tint;
    falls[id] = Number(!against);
  }
  return [plain, striped, falls, edged];
}

const LIGHT = rgba([255, 255, 255], 0.75);
const DARK = rgba([0, 0, 0], 0.6);

/** Write the evidence of a box; stripes are `pitch` apart. */
export function tint(out: Uint32Array, screen: Screen, paint: Paint, pitch: number, box: Box): void {
  const { ids, width, height } = screen;
  const [plain, striped, falls, edged] = paint;
  const differs = (i: number, j: number, inside: boolean) =>
    inside && ids[i] !== ids[j] && (edged[ids[i] as number] || edged[ids[j] as number]);
  for (let y = box.y0; y < box.y1; y++)
    for (let x = box.x0, i = y * width + x; x < box.x1; x++, i++) {
      const id = ids[i] as number;
      const stripe = (falls[id] ? x - y + pitch * height : x + y) % pitch < pitch / 4;
      if (differs(i, i + 1, x + 1 < width) || differs(i, i + width, y + 1 < height)) out[i] = LIGHT;
      else if (differs(i, i - 1, x > 0) || differs(i, i - width, y > 0)) out[i] = DARK;
      else out[i] = (stripe ? striped[id] : plain[id]) as number;
    }
}
