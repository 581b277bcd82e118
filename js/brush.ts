/** What a round brush touches on its way; nothing here knows a canvas. */
import type { Atlas, Point, Size } from "./atlas";
import { ceil, floor, hypot, max, min } from "./maths";

export type Stretch = readonly [from: Point, to: Point];

/** Visit every pixel whose middle lies within a radius of a stretch. */
export function sweep(
  { width, height }: Size,
  [from, to]: Stretch,
  radius: number,
  visit: (pixel: number) => void,
): void {
  const first = (a: number, b: number) => max(floor(min(a, b) - radius), 0);
  const beyond = (a: number, b: number, end: number) => min(ceil(max(a, b) + radius), end);
  const [x0, y0] = [first(from.x, to.x), first(from.y, to.y)];
  const [x1, y1] = [beyond(from.x, to.x, width), beyond(from.y, to.y, height)];
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  for (let y = y0; y < y1; y++)
    for (let x = x0; x < x1; x++) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const along = min(max((px * dx + py * dy) / (dx * dx + dy * dy || 1), 0), 1);
      if (hypot(px - along * dx, py - along * dy) <= radius) visit(y * width + x);
    }
}

/** The superpixels that a brush touches. */
export function touched(atlas: Atlas, stretch: Stretch, radius: number): number[] {
  const ids = new Set<number>();
  sweep(atlas, stretch, radius, (pixel) => ids.add(atlas.labels[pixel] as number));
  return [...ids];
}

const OPAQUE = 0xff000000;

/** A colour such as "#d62828" as an opaque pixel. */
export function inkOf(colour: string): number {
  const rgb = Number.parseInt(colour.slice(1), 16);
  return (OPAQUE | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}

const SEEN = 128;

/** Lay one drawing over another: pixels are opaque or not there. */
export function lay(drawn: Uint32Array, over: Uint32Array): void {
  over.forEach((pixel, i) => {
    if (pixel >>> 24 >= SEEN) drawn[i] = (pixel | OPAQUE) >>> 0;
  });
}
