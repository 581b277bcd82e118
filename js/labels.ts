/** Words for what colour and place show. */
import type { Mark, Scene, Weight } from "./contract";
import { signed } from "./format";

/** Which way a weight points: "for atheism"; for a single output, "raises price". */
export function side({ classes }: Scene, target: number, weight: number): string {
  const name = classes[target] ?? "";
  if (classes.length > 1) return `${weight < 0 ? "against" : "for"} ${name}`;
  return `${weight < 0 ? "lowers" : "raises"} ${name}`;
}

/** What a missing value is called. */
export const MISSING = "missing";

/** What another value takes the place of: a word, or a column's own value. */
export function placeOf(scene: Scene, id: number): string {
  const column = scene.kind === "table" && scene.columns[scene.features[id]?.column ?? -1];
  if (column && column.kind !== "text") return `${column.name} ${column.value || MISSING}`;
  return scene.features[id]?.name ?? "";
}

export interface Told {
  readonly name: string;
  readonly weight: Weight | undefined;
  readonly off: boolean;
  readonly typed: string | undefined;
  readonly mark: Mark | undefined;
}

/** The accessible name of a feature: "Posting, for atheism +0.214, present, marked as untrustworthy". */
export function label(scene: Scene, target: number, digits: number, told: Told): string {
  const { name, weight, off, typed, mark } = told;
  return [
    typed === undefined ? name : `${typed}, in place of ${name}`,
    weight ? `${side(scene, target, weight[1])} ${signed(weight[1], digits)}` : "no weight",
    off ? "absent" : "present",
    ...(mark ? ["marked as untrustworthy"] : []),
  ].join(", ");
}

/** What a tooltip adds: what was typed over, and why a mark stands. */
export function hint({ name, typed, mark }: Told): string | undefined {
  const parts = [
    ...(typed === undefined ? [] : [`in place of “${name}”; to the surrogate, “${name}” is absent`]),
    ...(mark ? [`untrustworthy${mark.because && `: ${mark.because}`}`] : []),
  ];
  return parts.length ? parts.join("\n") : undefined;
}

/** What is away, replaced and painted over, in a few words. */
export function trialInWords(
  names: readonly string[],
  typed: readonly (readonly [string, string])[],
  painted: boolean,
): string {
  const away = names.length > 3 ? [`${names.length} parts`] : names;
  return [
    ...(away.length ? [`without ${away.join(", ")}`] : []),
    ...typed.map(([old, now]) => `with ${now} in place of ${old}`),
    ...(painted ? ["with the drawing"] : []),
  ].join(", ");
}
