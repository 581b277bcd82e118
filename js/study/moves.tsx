/** How the weights moved while samples came. */
import type { Study, Weight } from "../contract";
import { count, digitsFor, signed } from "../format";
import { abs, max } from "../maths";
import { largest, margin } from "../surrogate";
import { across, BOX, Chart, line, upward } from "./chart";
import { Figure } from "./figure";

const RIGHT = 300;
const BANDS = 5;
/** Labels this near would touch. */
const APART = 13;

/** So many letters have room beside the chart. */
const LETTERS = 16;
const fitting = (name: string) => (name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name);

type Names = readonly { readonly name: string }[];
type Moves = Study["moves"];
type Point = readonly [n: number, weight: Weight];

interface Course {
  readonly id: number;
  readonly points: readonly Point[];
  readonly last: number;
}

/** What became of each weight that there is at the end, largest first. */
function coursesOf(moves: Moves): Course[] {
  const ends = [...(moves.at(-1)?.weights ?? [])].sort((a, b) => abs(b[1]) - abs(a[1]));
  return ends.map(([id, last]) => ({
    id,
    last,
    points: moves.flatMap(({ n, weights }) =>
      weights.filter((weight) => weight[0] === id).map((weight): Point => [n, weight]),
    ),
  }));
}

const ends = ([, [, size, error], half = margin([0, size, error]) ?? 0]: [number, Weight, number?]) => [
  size - half,
  size + half,
];

/** Heights, moved apart where labels would touch. */
export function spaced(heights: readonly number[]): number[] {
  const order = heights.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  const placed = [...heights];
  let least = BOX.top;
  for (const { y, i } of order) {
    placed[i] = max(y, least);
    least = (placed[i] as number) + APART;
  }
  const over = max(least - APART - BOX.bottom, 0);
  return placed.map((y) => y - over);
}

export function Moves({ moves, names }: { moves: Moves; names: Names }) {
  if (moves.length < 2) return null;
  const courses = coursesOf(moves);
  const top = courses.slice(0, BANDS);
  const all = courses.flatMap(({ points }) => points.map(([, [, size]]) => size));
  const y = upward([0, ...all, ...top.flatMap(({ points }) => points.flatMap(([n, w]) => ends([n, w])))]);
  const x = across(
    moves.map(({ n }) => n),
    RIGHT,
  );
  const heights = spaced(top.map(({ last }) => y.at(last) + 4));
  const digits = digitsFor(largest(moves.at(-1)?.weights ?? []));
  const nameOf = (id: number) => names[id]?.name ?? "";
  const end = ({ id, last }: Course) => `${nameOf(id)} ${signed(last, digits)}`;
  const [first, most] = x.ticks.map(count);
  return (
    <Figure
      name="How the weights moved"
      shows={`From ${first} to ${most} samples: lines that lie flat at the end have settled; the bands are 95 % intervals.`}
    >
      <Chart
        say={`weights from ${first} to ${most} samples; at the end ${top.map(end).join(", ")}`}
        {...{ x, y }}
        right={RIGHT}
        inX={count}
      >
        {courses.map((course, rank) => (
          <g key={course.id} class={course.last < 0 ? "rt-against" : "rt-for"}>
            {rank < BANDS && (
              <>
                <polygon class="rt-chart-band" points={band(course, x.at, y.at)} />
                <text x={RIGHT + 8} y={heights[rank]}>
                  {fitting(nameOf(course.id))}
                </text>
              </>
            )}
            <polyline
              class={rank < BANDS ? "" : "rt-faint"}
              points={line(course.points.map(([n, [, size]]) => [x.at(n), y.at(size)]))}
            />
          </g>
        ))}
      </Chart>
    </Figure>
  );
}

type Place = (value: number) => number;

function band({ points }: Course, x: Place, y: Place): string {
  const edge = (side: 0 | 1) =>
    points.map(([n, weight]): [number, number] => [x(n), y(ends([n, weight])[side] as number)]);
  return line([...edge(0), ...edge(1).reverse()]);
}
