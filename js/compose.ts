/** Pixels from layers: the photograph with parts absent, and the evidence over it. Pixels are 32 bits, red lowest. */
import type { Atlas, Box, Size } from "./atlas";
import type { Weight } from "./contract";

type Rgb = readonly [red: number, green: number, blue: number];

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
  return new Uint32Array(labels.length).map((_, i) => shades[labels[i] as number] as number);
}

const rgba = ([red, green, blue]: Rgb, alpha: number) =>
  ((Math.round(alpha * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;

/** Write what the model would see of a box: the drawing over the backdrop over the photograph. */
export function compose(
  out: Uint32Array,
  layers: Layers,
  absent: Uint8Array,
  drawn: Uint32Array,
  box: Box,
): void {
  const { atlas, pixels, backdrop } = layers;
  const { labels, width } = atlas;
  for (let y = box.top; y < box.bottom; y++)
    for (let i = y * width + box.left; i < y * width + box.right; i++)
      out[i] = drawn[i] || ((absent[labels[i] as number] ? backdrop[i] : pixels[i]) as number);
}

/** Which superpixels two states of presence differ in. */
export function changed(before: Uint8Array, after: Uint8Array): number[] {
  return [...after.keys()].filter((id) => before[id] !== after[id]);
}

/** The label map in the size of a screen. */
export interface Screen extends Size {
  readonly ids: Uint16Array;
}

export function screenOf({ labels, width, height }: Atlas, size: Size): Screen {
  const ids = new Uint16Array(size.width * size.height);
  const from = Uint32Array.from({ length: size.width }, (_, x) =>
    Math.floor(((x + 0.5) * width) / size.width),
  );
  for (let y = 0, i = 0; y < size.height; y++) {
    const row = Math.floor(((y + 0.5) * height) / size.height) * width;
    for (let x = 0; x < size.width; x++, i++) ids[i] = labels[row + (from[x] as number)] as number;
  }
  return { ...size, ids };
}

/** A box of the picture on the screen, with the edges around it. */
export function onScreen(box: Box, from: Size, { width, height }: Size): Box {
  const [right, down] = [width / from.width, height / from.height];
  return {
    left: Math.max(Math.floor(box.left * right) - 1, 0),
    top: Math.max(Math.floor(box.top * down) - 1, 0),
    right: Math.min(Math.ceil(box.right * right) + 1, width),
    bottom: Math.min(Math.ceil(box.bottom * down) + 1, height),
  };
}

/** How each superpixel is painted: its tint, the tint of its stripes, their direction, and whether it has edges. */
export interface Paint {
  readonly plain: Uint32Array;
  readonly lined: Uint32Array;
  readonly falling: Uint8Array;
  readonly edged: Uint8Array;
}

export interface Wish {
  readonly weights: Iterable<Weight>;
  /** The largest weight there is: what is full strength. */
  readonly full: number;
  /** From 0 to 1. */
  readonly strength: number;
  readonly outlines: boolean;
  readonly doubtful: boolean;
  /** What the reader took away: without evidence, with edges. */
  readonly off: ReadonlySet<number>;
}

const FOR: Rgb = [20, 104, 228];
const AGAINST: Rgb = [245, 140, 10];
const STRIPE: Rgb = [122, 48, 0];
const FAINTEST = 0.12;

/** Blue evidence is plain, orange is striped; evidence in doubt is stripes alone, rising or falling. */
export function paintFor(count: number, { weights, full, strength, outlines, doubtful, off }: Wish): Paint {
  const paint = {
    plain: new Uint32Array(count),
    lined: new Uint32Array(count),
    falling: new Uint8Array(count),
    edged: new Uint8Array(count).fill(Number(outlines)),
  };
  for (const id of off) paint.edged[id] = 1;
  if (!(full > 0 && strength > 0)) return paint;
  for (const [id, weight] of weights) {
    if (off.has(id)) continue;
    const alpha = strength * (FAINTEST + (1 - FAINTEST) * (Math.abs(weight) / full));
    const tint = rgba(weight < 0 ? AGAINST : FOR, alpha);
    paint.plain[id] = doubtful ? 0 : tint;
    paint.lined[id] = weight < 0 && !doubtful ? rgba(STRIPE, Math.min(1, alpha + 0.15)) : tint;
    paint.falling[id] = Number(weight > 0);
  }
  return paint;
}

const LIGHT = rgba([255, 255, 255], 0.75);
const DARK = rgba([0, 0, 0], 0.6);

/** Write the evidence of a box; `pitch` is the distance of stripes. */
export function tint(
  out: Uint32Array,
  { ids, width, height }: Screen,
  paint: Paint,
  pitch: number,
  box: Box,
): void {
  const { plain, lined, falling, edged } = paint;
  const thick = Math.max(Math.round(pitch / 4), 1);
  const far = pitch * height;
  for (let y = box.top; y < box.bottom; y++)
    for (let x = box.left, i = y * width + x; x < box.right; x++, i++) {
      const id = ids[i] as number;
      const stripe = (falling[id] ? x - y + far : x + y) % pitch < thick;
      let pixel = (stripe ? lined[id] : plain[id]) as number;
      const differs = (other: number) => ids[other] !== id && (edged[id] || edged[ids[other] as number]);
      if ((x + 1 < width && differs(i + 1)) || (y + 1 < height && differs(i + width))) pixel = LIGHT;
      else if ((x > 0 && differs(i - 1)) || (y > 0 && differs(i - width))) pixel = DARK;
      out[i] = pixel;
    }
}
