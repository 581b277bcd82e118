/** The geography of a label map: where each superpixel lies, and what it touches. */

export interface Point {
  readonly x: number;
  readonly y: number;
}
/** `right` and `bottom` are the first beyond. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
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

/** Ids from the bytes of a decoded label map: red + 256 × green. */
export function idsOf(rgba: Uint8ClampedArray): Uint16Array {
  const ids = new Uint16Array(rgba.length / 4);
  for (let i = 0; i < ids.length; i++) ids[i] = (rgba[4 * i] as number) | ((rgba[4 * i + 1] as number) << 8);
  return ids;
}

const emptyBox = () => ({ left: Infinity, top: Infinity, right: 0, bottom: 0 });

export function atlasOf(labels: Uint16Array, { width, height }: Size, count: number): Atlas {
  const highest = labels.reduce((most, id) => Math.max(most, id), 0);
  if (labels.length !== width * height || highest >= count)
    throw new Error(`the label map does not fit: it speaks of superpixel ${highest}, and there are ${count}`);
  const areas = new Uint32Array(count);
  const boxes = Array.from(areas, emptyBox);
  const sums = Array.from(areas, () => ({ x: 0, y: 0 }));
  const neighbours = Array.from(areas, () => new Set<number>());
  const meet = (id: number, other: number | undefined) => {
    if (other === undefined || other === id) return;
    neighbours[id]?.add(other);
    neighbours[other]?.add(id);
  };
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const id = labels[i] as number;
      areas[id] = (areas[id] as number) + 1;
      enlarge(boxes[id] as Open<Box>, x, y);
      const sum = sums[id] as Open<Point>;
      sum.x += x + 0.5;
      sum.y += y + 0.5;
      if (x + 1 < width) meet(id, labels[i + 1]);
      meet(id, labels[i + width]);
    }
  const centres = sums.map(({ x, y }, id) => ({ x: x / (areas[id] ?? 1), y: y / (areas[id] ?? 1) }));
  return { width, height, labels, areas, boxes, centres, neighbours };
}

type Open<T> = { -readonly [K in keyof T]: T[K] };

function enlarge(box: Open<Box>, x: number, y: number): void {
  if (x < box.left) box.left = x;
  if (x >= box.right) box.right = x + 1;
  if (y < box.top) box.top = y;
  if (y >= box.bottom) box.bottom = y + 1;
}

export const whole = ({ width, height }: Size): Box => ({ left: 0, top: 0, right: width, bottom: height });

/** The smallest box around some others; null around none. */
export function around(boxes: Iterable<Box | undefined>): Box | null {
  const all: Open<Box> = emptyBox();
  for (const box of boxes) {
    if (!box) continue;
    all.left = Math.min(all.left, box.left);
    all.top = Math.min(all.top, box.top);
    all.right = Math.max(all.right, box.right);
    all.bottom = Math.max(all.bottom, box.bottom);
  }
  return all.right > 0 ? all : null;
}

/** The superpixel at a point, or −1 outside. */
export function at({ width, height, labels }: Atlas, { x, y }: Point): number {
  if (!(x >= 0 && y >= 0 && x < width && y < height)) return -1;
  return labels[Math.floor(y) * width + Math.floor(x)] ?? -1;
}

/** A superpixel and what it touches. */
export const region = ({ neighbours }: Atlas, id: number): number[] => [id, ...(neighbours[id] ?? [])];

/** The superpixels whose greater part lies within a box. */
export function within({ width, height, labels, areas }: Atlas, box: Box): number[] {
  const inside = new Uint32Array(areas.length);
  for (let y = Math.max(box.top, 0); y < Math.min(box.bottom, height); y++)
    for (let x = Math.max(box.left, 0); x < Math.min(box.right, width); x++) {
      const id = labels[y * width + x] as number;
      inside[id] = (inside[id] as number) + 1;
    }
  return [...inside.keys()].filter((id) => 2 * (inside[id] as number) > (areas[id] as number));
}

const WAYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
};

/** Where an arrow leads from a superpixel: to the straightest neighbour, else to the nearest beyond; null for other keys. */
export function towards({ centres, neighbours, areas }: Atlas, from: number, key: string): number | null {
  const way = WAYS[key];
  const here = centres[from];
  if (!way || !here) return null;
  /** How far away, counting what is aside twice; Infinity where it is not that way at all. */
  const cost = (id: number) => {
    const there = centres[id];
    if (!there || !areas[id]) return Infinity;
    const ahead = (there.x - here.x) * way[0] + (there.y - here.y) * way[1];
    const aside = Math.abs((there.x - here.x) * way[1] + (there.y - here.y) * way[0]);
    return ahead > 0 && aside <= ahead ? ahead + 2 * aside : Infinity;
  };
  const best = (ids: Iterable<number>) => {
    let found = from;
    for (const id of ids) if (id !== from && cost(id) < (found === from ? Infinity : cost(found))) found = id;
    return found;
  };
  const near = best(neighbours[from] ?? []);
  return near === from ? best(areas.keys()) : near;
}
