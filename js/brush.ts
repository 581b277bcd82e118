/** What a round brush touches on its way; nothing here knows a canvas. */
import type { Atlas, Box, Point, Size } from "./atlas";

/** Visit every pixel whose middle lies within a radius of a stretch, and return the box around them. */
export function sweep(
  { width, height }: Size,
  [from, to]: readonly [Point, Point],
  radius: number,
  visit: (pixel: number) => void,
): Box {
  const box = {
    left: Math.max(Math.floor(Math.min(from.x, to.x) - radius), 0),
    top: Math.max(Math.floor(Math.min(from.y, to.y) - radius), 0),
    right: Math.min(Math.ceil(Math.max(from.x, to.x) + radius), width),
    bottom: Math.min(Math.ceil(Math.max(from.y, to.y) + radius), height),
  };
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy || 1;
  for (let y = box.top; y < box.bottom; y++)
    for (let x = box.left; x < box.right; x++) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const along = Math.min(Math.max((px * dx + py * dy) / length, 0), 1);
      if ((px - along * dx) ** 2 + (py - along * dy) ** 2 <= radius * radius) visit(y * width + x);
    }
  return box;
}

/** The superpixels that a brush touches. */
export function touched(atlas: Atlas, stretch: readonly [Point, Point], radius: number): ReadonlySet<number> {
  const ids = new Set<number>();
  sweep(atlas, stretch, radius, (pixel) => ids.add(atlas.labels[pixel] as number));
  return ids;
}

/** A colour such as "#d62828" as an opaque pixel. */
export function inkOf(colour: string): number {
  const rgb = Number.parseInt(colour.slice(1), 16);
  return (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}

const SEEN = 128;

/** Lay a picture over a drawing at a place: pixels are opaque or not there. */
export function lay(
  drawn: Uint32Array,
  { width }: Size,
  picture: Size & { rgba: Uint32Array },
  to: Box,
): void {
  for (let y = to.top; y < to.bottom; y++)
    for (let x = to.left; x < to.right; x++) {
      const pixel = picture.rgba[(y - to.top) * picture.width + x - to.left] ?? 0;
      if (pixel >>> 24 >= SEEN) drawn[y * width + x] = (pixel | 0xff000000) >>> 0;
    }
}

/** The largest box of some proportion in the middle of another, in whole pixels. */
export function fit({ width, height }: Size, { left, top, right, bottom }: Box): Box {
  const scale = Math.min((right - left) / width, (bottom - top) / height);
  const [w, h] = [Math.max(Math.round(width * scale), 1), Math.max(Math.round(height * scale), 1)];
  const x = left + Math.floor((right - left - w) / 2);
  const y = top + Math.floor((bottom - top - h) / 2);
  return { left: x, top: y, right: x + w, bottom: y + h };
}
