/** The matrix of instances by features as numbers: where it has weight, and where its cells lie. */
import { floor, max, min } from "../maths";

/** Sparse lines: line `i` has `others[starts[i]]` up to `starts[i + 1]`, with their weights. */
export interface Lines {
  readonly starts: Int32Array;
  readonly others: Int32Array;
  readonly weights: Float64Array;
}

interface Sparse {
  readonly starts: readonly number[];
  readonly features: readonly number[];
  readonly weights: readonly number[];
}

export const linesOf = ({ starts, features, weights }: Sparse): Lines => ({
  starts: Int32Array.from(starts),
  others: Int32Array.from(features),
  weights: Float64Array.from(weights),
});

/** The same by columns, of which there are `width`. */
export function turned({ starts, others, weights }: Lines, width: number): Lines {
  const ends = new Int32Array(width + 1);
  for (const other of others) ends[other + 1] = (ends[other + 1] as number) + 1;
  for (let i = 0; i < width; i++) ends[i + 1] = (ends[i + 1] as number) + (ends[i] as number);
  const free = ends.slice();
  const out = { starts: ends, others: new Int32Array(others.length), weights: weights.slice() };
  for (let line = 0; line + 1 < starts.length; line++)
    for (let k = starts[line] as number; k < (starts[line + 1] as number); k++) {
      const at = free[others[k] as number] as number;
      free[others[k] as number] = at + 1;
      out.others[at] = line;
      out.weights[at] = weights[k] as number;
    }
  return out;
}

/** What one line has weight on. */
export const othersOf = ({ starts, others }: Lines, line: number) =>
  others.subarray(starts[line], starts[line + 1]);

export const weightsOf = ({ starts, weights }: Lines, line: number) =>
  weights.subarray(starts[line], starts[line + 1]);

/** The weight in a cell, 0 where there is none. */
export function weightAt(lines: Lines, line: number, other: number): number {
  const k = othersOf(lines, line).indexOf(other);
  return k < 0 ? 0 : (weightsOf(lines, line)[k] as number);
}

/** The largest weight there is. */
export const full = ({ weights }: Lines): number =>
  weights.reduce((most, weight) => max(most, weight, -weight), 0);

/** Sizes in CSS pixels: of one cell, of the titles at the left, of the names on top. */
export interface Plan {
  readonly cell: number;
  readonly titles: number;
  readonly names: number;
}

/** What is seen of the matrix: how far it is scrolled, and how large the window is. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Cell {
  readonly row: number;
  readonly column: number;
}

export interface Shape {
  readonly rows: number;
  readonly columns: number;
}

/** From the first that is seen to the one after the last. */
export type Span = readonly [first: number, end: number];

const span = (from: number, room: number, cell: number, count: number): Span => [
  min(floor(from / cell), count),
  min(floor((from + max(room, 0)) / cell) + 1, count),
];

export const rowsSeen = ({ top, height }: Window, { cell, names }: Plan, rows: number) =>
  span(top, height - names, cell, rows);

export const columnsSeen = ({ left, width }: Window, { cell, titles }: Plan, columns: number) =>
  span(left, width - titles, cell, columns);

/** The cell at a point of the window; −1 for the titles and the names, null beyond all. */
export function cellAt(x: number, y: number, window: Window, plan: Plan, shape: Shape): Cell | null {
  const row = y < plan.names ? -1 : floor((y - plan.names + window.top) / plan.cell);
  const column = x < plan.titles ? -1 : floor((x - plan.titles + window.left) / plan.cell);
  const beyond = row >= shape.rows || column >= shape.columns;
  return beyond || (row < 0 && column < 0) ? null : { row, column };
}

/** How far to scroll so that a cell is seen whole. */
export function follow({ row, column }: Cell, window: Window, { cell, titles, names }: Plan) {
  const near = (from: number, room: number, at: number) => min(at * cell, max(from, (at + 1) * cell - room));
  return {
    left: near(window.left, window.width - titles, column),
    top: near(window.top, window.height - names, row),
  };
}

/** Where a key leads in a list; null where nowhere. */
export function stepOf(key: string, here: number, page: number, last: number): number | null {
  const moves: Record<string, number> = {
    ArrowDown: here + 1,
    ArrowUp: here - 1,
    PageDown: here + page,
    PageUp: here - page,
    Home: 0,
    End: last,
  };
  const to = moves[key];
  return to === undefined ? null : max(0, min(to, last));
}

const SIDEWAYS: Readonly<Record<string, string>> = {
  ArrowLeft: "ArrowUp",
  ArrowRight: "ArrowDown",
  Home: "Home",
  End: "End",
};

/** Where a key leads from a cell; null for a key that leads nowhere. */
export function moved(cell: Cell, key: string, page: number, { rows, columns }: Shape): Cell | null {
  const sideways = SIDEWAYS[key];
  if (sideways) return { ...cell, column: stepOf(sideways, cell.column, page, columns - 1) as number };
  const row = stepOf(key, cell.row, page, rows - 1);
  return row === null ? null : { ...cell, row };
}
