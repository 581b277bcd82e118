/** The training rows of a column, small, with the instance's place among them. */
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Category, Measured } from "../contract";
import { max, min, round } from "../maths";
import { numberOf } from "../surrogate";

interface Props<C> {
  readonly column: C;
  /** The value as it is now. */
  readonly now: string;
}

const WIDE = 100;
const HIGH = 24;

interface Block {
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/** Blocks whose areas are the counts. */
function blocksOf({ edges, counts }: Measured): Block[] {
  const [least = 0, most = 1] = [edges[0], edges.at(-1)];
  const scale = WIDE / (most - least || 1);
  const widths = counts.map((_, i) => ((edges[i + 1] ?? most) - (edges[i] ?? least)) * scale || WIDE);
  const dense = counts.map((count, i) => count / (widths[i] ?? 1));
  const top = max(...dense, Number.MIN_VALUE);
  return dense.map((density, i) => ({
    x: ((edges[i] ?? least) - least) * scale,
    width: widths[i] ?? 0,
    height: density && max(1, (HIGH * density) / top),
  }));
}

const pathOf = (blocks: readonly Block[]) =>
  blocks.map(({ x, width, height }) => `M${x} ${HIGH}v${-height}h${width}v${height}z`).join("");

/** The share of the rows that lie below a value, in percent. */
function below({ edges, counts }: Measured, value: number): number {
  const all = counts.reduce((sum, count) => sum + count, 0) || 1;
  const passed = counts.reduce((sum, count, i) => {
    const [low = 0, high = 0] = [edges[i], edges[i + 1]];
    const part = high > low ? min(max((value - low) / (high - low), 0), 1) : Number(value > low);
    return sum + count * part;
  }, 0);
  return round((100 * passed) / all);
}

export function Histogram({ column, now }: Props<Measured>) {
  const blocks = useMemo(() => blocksOf(column), [column]);
  const value = now === column.value && column.at !== null ? column.at : numberOf(now, column);
  const { edges } = column;
  const [least = 0, most = 1] = [edges[0], edges.at(-1)];
  const known = Number.isFinite(value);
  const place = min(max((WIDE * (value - least)) / (most - least || 1), 0), WIDE);
  const own = blocks.filter(
    ({ x, width }, i) => known && place >= x && (place < x + width || i === blocks.length - 1),
  );
  const said = known ? `above ${below(column, value)} % of the training rows` : missingSaid(column);
  return (
    <Drawing said={said}>
      <path class="rt-hist" d={pathOf(blocks)} />
      <path class="rt-hist-own" d={pathOf(own.slice(0, 1))} />
      {known && <path class="rt-hist-place" d={`M${place} 0v${HIGH}`} />}
    </Drawing>
  );
}

const missingSaid = ({ missing }: Measured | Category) =>
  `${round(100 * missing)} % of the training rows have no value here`;

/** A bar of the categories' shares, the own one lit. */
export function Shares({ column, now }: Props<Category>) {
  let x = 0;
  const blocks = column.options.map(([option, share]) => {
    const block = { option, x, width: max(WIDE * share - 0.8, 0.3), height: HIGH / 2 };
    x += WIDE * share;
    return block;
  });
  const share = column.options.find(([option]) => option === now)?.[1];
  const said =
    now && share !== undefined ? `${now}: ${round(100 * share)} % of the training rows` : missingSaid(column);
  return (
    <Drawing said={said} top={HIGH / 4}>
      <path class="rt-hist" d={pathOf(blocks.filter(({ option }) => option !== now))} />
      <path class="rt-hist-own" d={pathOf(blocks.filter(({ option }) => option === now))} />
    </Drawing>
  );
}

interface DrawingProps {
  readonly said: string;
  /** Where its upper edge is. */
  readonly top?: number;
  readonly children: ComponentChildren;
}

const Drawing = ({ said, top = 0, children }: DrawingProps) => (
  <svg class="rt-histogram" viewBox={`0 ${top} ${WIDE} ${HIGH}`} preserveAspectRatio="none" role="img">
    <title>{said}</title>
    {children}
  </svg>
);
