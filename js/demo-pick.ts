/** The kernel of a pick made up on the spot. */
import type { Mark } from "./contract";
import { opened, pickedFrom, sceneOf } from "./demo-many";
import type { PickScene } from "./panels";
import { type Sent, Workbench } from "./workbench";

type Named = readonly { readonly name: string }[];

const scenesOf = (bench: Workbench) => ({
  columns: (bench.get("scene") as PickScene).features,
  features: (bench.get("instance") as { features?: Named }).features ?? [],
});

const placesOf = (names: Named, wanted: string) =>
  names.flatMap(({ name }, i) => (name === wanted ? [i] : []));

/** Marks as the open instance and the panel see them. */
function remark(bench: Workbench, marks: readonly Mark[]): void {
  const { columns, features } = scenesOf(bench);
  const seen = marks.map((mark) => ({
    ...mark,
    features: placesOf(features, mark.name),
    columns: placesOf(columns, mark.name),
  }));
  bench.set("marks", seen);
}

function answer(verb: Sent, bench: Workbench): boolean {
  const scene = bench.get("scene") as PickScene;
  const marks = bench.get("marks");
  const { columns, features } = scenesOf(bench);
  if (verb.verb === "open") {
    for (const [name, value] of Object.entries(opened(scene, verb.row)))
      bench.set(name as "readings", value as never);
    remark(bench, marks);
  } else if (verb.verb === "pick") bench.set("picked", pickedFrom(scene, verb));
  else if (verb.verb === "mark" || verb.verb === "withdraw") {
    const names = verb.features.map((id) => (verb.of ? columns : features)[id]?.name ?? "");
    const others = marks.filter(({ name }) => !names.includes(name));
    const made = names.map((name) => ({ scope: "everywhere" as const, because: "", ...verb, name }));
    remark(bench, verb.verb === "mark" ? [...others, ...made] : others);
  } else return false;
  return true;
}

/** A notebook's model of a pick of n instances by d features; other verbs are `kernel`'s. */
export function pickBench(n: number, d: number, kernel: (verb: Sent, bench: Workbench) => void): Workbench {
  const scene = sceneOf(n, d);
  const can = ["probe", "pick", "open", "mark"];
  return new Workbench(
    {
      scene,
      picked: pickedFrom(scene, { method: "submodular", target: null, errors: false }),
      instance: {},
      readings: [],
      marks: [],
      probe: null,
      status: { phase: "idle", done: 0, of: 0, message: "", error: null, can },
      look: { off: [], edits: {}, top: null },
    },
    (verb, bench) => void setTimeout(() => answer(verb, bench) || kernel(verb, bench), 60),
  );
}
