/** The outline of a superpixel as an SVG path along the edges of its pixels. */
import type { Atlas } from "./atlas";
import { floor } from "./maths";

/** Corners are numbers, row by row; an edge leads from one to the next with the inside on its right. */
type Edges = Map<number, number[]>;

export function outline({ width, height, labels, boxes }: Atlas, id: number): string {
  const box = boxes[id];
  if (!box) return "";
  const edges: Edges = new Map();
  const across = width + 1;
  const edge = (x: number, y: number, from: number, to: number) => {
    if (x >= 0 && y >= 0 && x < width && y < height && labels[y * width + x] === id) return;
    edges.set(from, [...(edges.get(from) ?? []), to]);
  };
  for (let y = box.y0; y < box.y1; y++)
    for (let x = box.x0; x < box.x1; x++) {
      if (labels[y * width + x] !== id) continue;
      const corner = y * across + x;
      edge(x, y - 1, corner, corner + 1);
      edge(x + 1, y, corner + 1, corner + 1 + across);
      edge(x, y + 1, corner + 1 + across, corner + across);
      edge(x - 1, y, corner + across, corner);
    }
  let path = "";
  for (const start of edges.keys()) while (edges.has(start)) path += loop(edges, start, across);
  return path;
}

/** Follow edges until they close; a straight run is one step. */
function loop(edges: Edges, start: number, across: number): string {
  const name = (corner: number) => `${corner % across} ${floor(corner / across)}`;
  let path = `M${name(start)}`;
  let here = start;
  let run = 0;
  do {
    const ends = edges.get(here) as number[];
    const next = ends.pop() as number;
    if (!ends.length) edges.delete(here);
    if (run && next - here !== run) path += `L${name(here)}`;
    run = next - here;
    here = next;
  } while (here !== start);
  return `${path}Z`;
}
