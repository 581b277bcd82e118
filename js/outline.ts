/** The outline of superpixels as an SVG path along the edges of their pixels. */
import { type Atlas, around, type Box } from "./atlas";

/** Corners are numbers, row by row; an edge leads from one to the next with the inside on its right. */
type Edges = Map<number, number[]>;

export function outline(atlas: Atlas, ids: ReadonlySet<number>): string {
  const box = around([...ids].map((id) => atlas.boxes[id]));
  return box ? loops(edgesOf(atlas, ids, box), atlas.width + 1) : "";
}

function edgesOf({ width, height, labels }: Atlas, ids: ReadonlySet<number>, box: Box): Edges {
  const edges: Edges = new Map();
  const across = width + 1;
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && ids.has(labels[y * width + x] as number);
  const add = (from: number, to: number) => {
    const others = edges.get(from);
    if (others) others.push(to);
    else edges.set(from, [to]);
  };
  for (let y = box.top; y < box.bottom; y++)
    for (let x = box.left; x < box.right; x++) {
      if (!inside(x, y)) continue;
      const corner = y * across + x;
      if (!inside(x, y - 1)) add(corner, corner + 1);
      if (!inside(x + 1, y)) add(corner + 1, corner + 1 + across);
      if (!inside(x, y + 1)) add(corner + 1 + across, corner + across);
      if (!inside(x - 1, y)) add(corner + across, corner);
    }
  return edges;
}

function loops(edges: Edges, across: number): string {
  let path = "";
  for (const start of edges.keys()) while (edges.has(start)) path += loop(edges, start, across);
  return path;
}

/** Follow edges until they close; a straight run is one step. */
function loop(edges: Edges, start: number, across: number): string {
  let path = `M${start % across} ${Math.floor(start / across)}`;
  let here = start;
  let run = 0;
  do {
    const next = take(edges, here);
    if (run !== 0 && next - here !== run) path += step(here, run, across);
    run = next - here;
    here = next;
  } while (here !== start);
  return `${path}Z`;
}

const step = (to: number, run: number, across: number) =>
  Math.abs(run) === 1 ? `H${to % across}` : `V${Math.floor(to / across)}`;

function take(edges: Edges, from: number): number {
  const ends = edges.get(from) ?? [];
  const end = ends.pop() ?? from;
  if (ends.length === 0) edges.delete(from);
  return end;
}
