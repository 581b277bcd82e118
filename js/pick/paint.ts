/** The matrix, painted: only what is seen of it. */
import { effect } from "@preact/signals";
import { type Pen, penOn } from "../canvas";
import { abs, max } from "../maths";
import { othersOf, weightsOf } from "./cells";
import { cut, titleOf } from "./say";
import type { Sight } from "./sight";

/** Colours of the theme, by the names of their variables. */
const INKS = ["bg", "lit", "ink", "soft", "line", "edge", "for", "against", "focus", "mark"] as const;
type Inks = Record<(typeof INKS)[number] | "font", string>;

function inksOf(canvas: HTMLCanvasElement): Inks {
  const style = getComputedStyle(canvas);
  const inks = INKS.map((name) => [name, style.getPropertyValue(`--rt-${name}`).trim()] as const);
  return { ...(Object.fromEntries(inks) as Inks), font: style.fontFamily };
}

/** Paint whenever something of it changes; returns the end of it. */
export function keepPainted(canvas: HTMLCanvasElement, sight: Sight): () => void {
  return effect(() => {
    sight.theme.value;
    const { width, height } = sight.window.value;
    const pen = width && height ? penOn(canvas, { width, height }) : null;
    if (pen) paint(pen, inksOf(canvas), sight);
  });
}

interface Easel {
  readonly pen: Pen;
  readonly inks: Inks;
  readonly sight: Sight;
  /** Where columns and rows begin. */
  readonly x: (column: number) => number;
  readonly y: (row: number) => number;
}

export function paint(pen: Pen, inks: Inks, sight: Sight): void {
  const { cell, titles, names } = sight.plan.value;
  const { left, top, width, height } = sight.window.value;
  const easel: Easel = {
    pen,
    inks,
    sight,
    x: (column) => titles + column * cell - left,
    y: (row) => names + row * cell - top,
  };
  pen.fillStyle = inks.bg;
  pen.fillRect(0, 0, width, height);
  within(pen, titles, names, width, height, () => {
    bands(easel);
    cells(easel);
    frame(easel);
  });
  within(pen, 0, names, titles, height, () => titlesOf(easel));
  within(pen, titles, 0, width, names, () => namesOf(easel));
  rule(easel);
}

function within(pen: Pen, x0: number, y0: number, x1: number, y1: number, draw: () => void): void {
  pen.save();
  pen.beginPath();
  pen.rect(x0, y0, x1 - x0, y1 - y0);
  pen.clip();
  draw();
  pen.restore();
}

/** The ground of what is covered, of what is picked, and of what is pointed at. */
function bands({ pen, inks, sight, x, y }: Easel): void {
  const { desk, plan, shape, spans, over } = sight;
  const { cell } = plan.value;
  const { rows, columns } = shape.value;
  const { covered, fresh, hover, sought } = desk;
  const chosen = new Set(desk.chosen.value);
  const [open, pointed] = [desk.open.value, over.value?.row];
  each(spans.value.across, (column) => {
    const feature = desk.shown.value[column] as number;
    const hot = feature === hover.value || feature === sought.value || fresh.value.has(feature);
    if (!hot && !covered.value.has(feature)) return;
    pen.fillStyle = hot ? inks.line : inks.lit;
    pen.fillRect(x(column), y(0), cell, rows * cell);
  });
  each(spans.value.down, (at) => {
    const row = desk.rows.value[at] as number;
    const hot = row === open || at === pointed;
    if (!hot && !chosen.has(row)) return;
    pen.fillStyle = hot ? inks.line : inks.lit;
    pen.fillRect(x(0), y(at), columns * cell, cell);
  });
}

const UNLIT = 0.38;

/** Blue squares for, orange ones with a bar across against: strong where much, faint where not covered. */
function cells({ pen, inks, sight, x, y }: Easel): void {
  const { desk, plan, places, spans } = sight;
  const { lines, most } = desk.table;
  const size = plan.value.cell - 3;
  const [first, end] = spans.value.across;
  const fill = (ink: string, alpha: number, ...box: [number, number, number, number]) => {
    pen.globalAlpha = alpha;
    pen.fillStyle = ink;
    pen.fillRect(...box);
  };
  each(spans.value.down, (at) => {
    const row = desk.rows.value[at] as number;
    const weights = weightsOf(lines, row);
    othersOf(lines, row).forEach((feature, k) => {
      const column = places.value[feature] as number;
      if (column < first || column >= end) return;
      const weight = weights[k] as number;
      const lit = desk.covered.value.has(feature) ? 1 : UNLIT;
      const [left, top] = [x(column) + 1.5, y(at) + 1.5];
      const share = 0.22 + 0.78 * Math.sqrt(abs(weight) / most);
      fill(inks.bg, 1, left, top, size, size);
      fill(weight < 0 ? inks.against : inks.for, lit * share, left, top, size, size);
      if (weight < 0) fill(inks.bg, 1, left + 3, top + size / 2 - 1, size - 6, 2);
    });
  });
  pen.globalAlpha = 1;
}

/** The cell under the pointer, and that under the cursor. */
function frame({ pen, inks, sight, x, y }: Easel): void {
  const { over, cursor, focused, plan } = sight;
  const { cell } = plan.value;
  const line = (at: { row: number; column: number }, ink: string, width: number) => {
    pen.strokeStyle = ink;
    pen.lineWidth = width;
    pen.strokeRect(x(at.column) + 0.5, y(at.row) + 0.5, cell - 1, cell - 1);
  };
  if (over.value && over.value.row >= 0 && over.value.column >= 0) line(over.value, inks.ink, 1);
  if (focused.value) line(cursor.value, inks.focus, 2);
}

/** How wide a letter is, thin or bold. */
const [THIN, BOLD] = [6.3, 7.4];

function titlesOf({ pen, inks, sight, y }: Easel): void {
  const { desk, plan, spans, over } = sight;
  const { cell, titles } = plan.value;
  const ranks = new Map(desk.chosen.value.map((row, i) => [row, i + 1]));
  pen.textBaseline = "middle";
  each(spans.value.down, (at) => {
    const row = desk.rows.value[at] as number;
    const rank = ranks.get(row);
    const strong = rank !== undefined || row === desk.open.value;
    pen.font = `${strong ? 600 : 400} 12px ${inks.font}`;
    pen.fillStyle = strong || over.value?.row === at ? inks.ink : inks.soft;
    pen.textAlign = "right";
    if (rank !== undefined) pen.fillText(`${rank}`, 20, y(at) + cell / 2 + 1);
    pen.textAlign = "left";
    pen.fillText(
      cut(titleOf(desk.scene, row), (titles - 34) / (strong ? BOLD : THIN)),
      28,
      y(at) + cell / 2 + 1,
    );
  });
}

function namesOf({ pen, inks, sight, x }: Easel): void {
  const { desk, plan, pictures, spans } = sight;
  const { cell, names } = plan.value;
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  each(spans.value.across, (column) => {
    const feature = desk.shown.value[column] as number;
    const lit = desk.covered.value.has(feature);
    const hot = feature === desk.hover.value || feature === desk.sought.value;
    pen.font = `${lit ? 600 : 400} 12px ${inks.font}`;
    pen.fillStyle = desk.marks.value.has(feature) ? inks.mark : lit || hot ? inks.ink : inks.soft;
    const picture = pictures.value.get(feature);
    const end = names - 5 - (picture ? cell : 0);
    if (picture) pen.drawImage(picture, x(column) + 1, end + 2, cell - 2, cell - 2);
    pen.save();
    pen.translate(x(column) + cell / 2 + 1, end - 1);
    pen.rotate(-Math.PI / 2);
    pen.fillText(cut(desk.table.names[feature] as string, (end - 9) / (lit ? BOLD : THIN)), 0, 0);
    pen.restore();
  });
}

/** The lines between the cells and what names them. */
function rule({ pen, inks, sight }: Easel): void {
  const { titles, names } = sight.plan.value;
  const { width, height } = sight.window.value;
  pen.fillStyle = inks.line;
  pen.fillRect(0, names - 1, width, 1);
  pen.fillRect(titles - 1, 0, 1, height);
}

function each([first, end]: readonly [number, number], draw: (at: number) => void): void {
  for (let at = max(first, 0); at < end; at++) draw(at);
}
