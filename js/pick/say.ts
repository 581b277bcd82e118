/** What the panel of a pick says in words. */
import type { Mark } from "../contract";
import { count, output, signed } from "../format";
import { round } from "../maths";
import type { Column, Picked, PickInstance, PickScene } from "../panels";

const known = (x: number | undefined): x is number => x !== undefined && Number.isFinite(x);

/** "14 %"; what is there is never said to be none. */
export function percent(share: number | undefined): string {
  if (!known(share)) return "–";
  const whole = round(100 * share);
  return whole === 0 && share > 0 ? "<1 %" : `${whole} %`;
}

/** "1 title", "2 titles". */
export const many = (n: number, what: string) => `${count(n)} ${what}${n === 1 ? "" : "s"}`;

/** What the pick of a budget covers, and what its last one added. */
export const coverage = ({ covered }: Picked, budget: number) => covered[budget - 1] ?? 0;
export const gain = (covered: readonly number[], i: number) => (covered[i] ?? 0) - (covered[i - 1] ?? 0);

/** "6th". */
export function ordinal(n: number): string {
  const teen = n % 100 > 10 && n % 100 < 14;
  return `${n}${(!teen && ["", "st", "nd", "rd"][n % 10]) || "th"}`;
}

/** Among which instances is picked: "500 instances", "31 errors for atheism". */
export function amongWhich({ among, target, errors }: Picked, classes: readonly string[]): string {
  const all = many(among, errors ? "error" : "instance");
  return target === null ? all : `${all} for ${classes[target] ?? ""}`;
}

/** What the sixth example adds. */
export const step = ({ covered }: Picked, i: number) =>
  `${i + 1} ${i === 0 ? "shows" : "show"} ${percent(covered[i])}, the ${ordinal(i + 1)} adds ${percent(gain(covered, i))}`;

export const verdict = ({ classes, scale }: PickScene, { target, prediction }: PickInstance) =>
  `${classes[target] ?? ""} ${output(prediction, scale)}`;

/** "right", "wrong, it is christian", or nothing where the truth is not known. */
export function truth({ classes }: PickScene, { label, target }: PickInstance): string {
  if (label === null) return "";
  return label === target ? "right" : `wrong, it is ${classes[label] ?? ""}`;
}

export const titleOf = ({ instances }: PickScene, row: number) => `${row} · ${instances[row]?.title ?? ""}`;

/** Some names, and how many more. */
export function names(features: readonly Column[], ids: readonly number[], few: number): string {
  const said = ids.slice(0, few).map((id) => features[id]?.name ?? "");
  const more = ids.length - said.length;
  return said.join(", ") + (more > 0 ? ` and ${count(more)} more` : "");
}

/** The class that a feature speaks for most. */
export function leaning({ toward }: Column): number {
  return toward.reduce((best, sum, i) => (sum > (toward[best] ?? 0) ? i : best), 0);
}

/** "for atheism 2.90, against christian 0.30". */
export const split = ({ classes }: PickScene, { toward }: Column) =>
  toward
    .map((sum, i) => [sum, i] as const)
    .filter(([sum]) => sum !== 0)
    .sort(([a], [b]) => Math.abs(b) - Math.abs(a))
    .slice(0, 4)
    .map(([sum, i]) => `${sum < 0 ? "against" : "for"} ${classes[i] ?? ""} ${Math.abs(sum).toFixed(2)}`)
    .join(", ");

/** What a cell says. */
export function cell(scene: PickScene, row: number, feature: number, weight: number, digits: number): string {
  const { classes, instances, features } = scene;
  const name = features[feature]?.name ?? "";
  const target = classes[instances[row]?.target ?? 0] ?? "";
  const said = weight ? `${signed(weight, digits)} ${weight < 0 ? "against" : "for"} ${target}` : "no weight";
  return `${titleOf(scene, row)} · ${name} · ${said}`;
}

/** A name and what is at its end, the number or the word in a column, by which names are told apart. */
export function halves(name: string): readonly [start: string, end: string] {
  const end = /(: \S{1,8}|\s?\d{0,5})$/.exec(name)?.[0] ?? "";
  return [name.slice(0, name.length - end.length), end];
}

/** So much of a name as there is room for. */
export function cut(name: string, most: number): string {
  const [start, end] = halves(name);
  return name.length > most ? `${start.slice(0, Math.max(most - 1 - end.length, 1))}…${end}` : name;
}

export const because = (mark: Mark | undefined) =>
  mark && `untrustworthy${mark.because && `: ${mark.because}`}\nclick to take the mark back`;
