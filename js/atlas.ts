/** The geography of a label map: where each superpixel lies, and what it touches. */
import { abs, floor, max, min } from "./maths";

export interface Point {
  readonly x: number;
  readonly y: number;
}
/** From one corner to the other, which is the first beyond. */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}
export interface Atlas extends Size {
  /** The superpixel of each pixel, row by row. */
  readonly labels: Uint16Array;
  readonly areas: Uint32Array;
  readonly boxes: readonly Box[];
  readonly centres: readonly Point[];
  readonly neighbours: readonly ReadonlySet<number>[];
}
type Open<T> = { -readonly [K in keyof T]: T[K] };

/** Ids from the pixels of a label map: red + 256 × green. */
export const idsOf = (pixels: Uint32Array): Uint16Array => new Uint16Array(pixels);

export function atlasOf(labels: Uint16Array, { width, height }: Size, count: number): Atlas {
  const most = labels.reduce((a, b) => max(a, b), 0);
  if (labels.length !== width * height || most >= count)
    throw new Error(`the label map speaks of superpixel ${most} of ${count}`);
  const areas = new Uint32Array(count);
  const boxes = Array.from(areas, nowhere);
  const centres = Array.from(areas, () => ({ x: 0, y: 0 }));
  const neighbours = Array.from(areas, () => new Set<number>());
  labels.forEach((id, i) => {
    const [x, y] = [i % width, floor(i / width)];
    areas[id] = (areas[id] as number) + 1;
    enlarge(boxes[id] as Open<Box>, { x0: x, y0: y, x1: x + 1, y1: y + 1 });
    const sum = centres[id] as Open<Point>;
    sum.x += x + 0.5;
    sum.y += y + 0.5;
    for (const other of [x + 1 < width ? labels[i + 1] : id, labels[i + width] ?? id])
      if (other !== id) {
        neighbours[id]?.add(other as number);
        neighbours[other as number]?.add(id);
      }
  });
  areas.forEach((area, id) => {
    const sum = centres[id] as Open<Point>;
    sum.x /= area;
    sum.y /= area;
  });
  return { width, height, labels, areas, boxes, centres, neighbours };
}

const nowhere = (): Open<Box> => ({ x0: Infinity, y0: Infinity, x1: 0, y1: 0 });

function enlarge(box: Open<Box>, { x0, y0, x1, y1 }: Box): void {
  if (x0 < box.x0) box.x0 = x0;
  if (y0 < box.y0) box.y0 = y0;
  if (x1 > box.x1) box.x1 = x1;
  if (y1 > box.y1) box.y1 = y1;
}

export const whole = ({ width, height }: Size): Box => ({ x0: 0, y0: 0, x1: width, y1: height });

/** The smallest box around some others; null around none. */
export function around(boxes: Iterable<Box | null | undefined>): Box | null {
  const all = nowhere();
  for (const box of boxes) if (box) enlarge(all, box);
  return all.x1 > 0 ? all : null;
}

/** The superpixel at a point, or −1 outside. */
export function at({ width, height, labels }: Atlas, { x, y }: Point): number {
  const inside = x >= 0 && y >= 0 && x < width && y < height;
  return inside ? (labels[floor(y) * width + floor(x)] as number) : -1;
}

/** The superpixels whose greater part lies within a box. */
export function within({ width, height, labels, areas }: Atlas, { x0, y0, x1, y1 }: Box): number[] {
  const inside = new Uint32Array(areas.length);
  for (let y = max(y0, 0); y < min(y1, height); y++)
    for (const id of labels.subarray(y * width + max(x0, 0), y * width + min(x1, width)))
      inside[id] = (inside[id] as number) + 1;
  return [...inside.keys()].filter((id) => 2 * (inside[id] as number) > (areas[id] as number));
}

const WAYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/** Where an arrow leads: to the straightest neighbour, else to the nearest that way; null for other keys. */
export function towards({ centres, neighbours }: Atlas, from: number, key: string): number | null {
  const way = WAYS[key];
  const here = centres[from];
  if (!way || !here) return null;
  const nearest = (ids: Iterable<number>): number | null => {
    let [found, least]: [number | null, number] = [null, Infinity];
    for (const id of ids) {
      const { x, y } = centres[id] as Point;
      const ahead = (x - here.x) * way[0] + (y - here.y) * way[1];
      const aside = abs((x - here.x) * way[1] + (y - here.y) * way[0]);
      if (ahead > 0 && aside <= ahead && ahead + 2 * aside < least) [found, least] = [id, ahead + 2 * aside];
    }
    return found;
  };
  return nearest(neighbours[from] as ReadonlySet<number>) ?? nearest(centres.keys()) ?? from;
}
