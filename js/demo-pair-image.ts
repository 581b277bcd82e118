/** The picture of the workbench as two models see it. */
import type { ImageScene, Reading, Weight } from "./contract";
import type { PairScene } from "./panels";
import { surrogate } from "./surrogate";
import { type Sent, Workbench } from "./workbench";

/** The same reasons, a third of them turned and some weaker. */
const other = (reading: Reading): Reading => ({
  ...reading,
  model: "second",
  weights: reading.weights.map(
    ([id, weight, error], i): Weight => [id, i % 3 ? weight / (1 + (i % 4)) : -weight / 2, error],
  ),
});

/** The surrogates' answers, a little beside them. */
function answer(verb: Sent, bench: Workbench): boolean {
  const { features } = bench.get("instance") as ImageScene;
  if (verb.verb === "mark") {
    const name = features[verb.features[0] ?? 0]?.name ?? "";
    bench.set("marks", [...bench.get("marks"), { ...verb, name }]);
  } else if (verb.verb === "probe") {
    const { off, edits, painted = false } = verb;
    const outputs = bench.get("readings").map((reading) => {
      const value = 0.97 * (surrogate(reading, new Set(off)) ?? 0) + 0.01;
      return reading.prediction.map((p, i) => (i === reading.target ? value : p));
    });
    setTimeout(() => bench.set("probe", { off, edits, painted, outputs }), 300);
  } else return false;
  return true;
}

/** A notebook's model of two models on one picture; the verbs that it does not know are `kernel`'s. */
export function picturePair(bench: Workbench, kernel: (verb: Sent, bench: Workbench) => void): Workbench {
  const instance = bench.get("scene") as ImageScene;
  const one = { ...(bench.get("readings")[0] as Reading), model: "first" };
  const said = { target: one.target, prediction: one.prediction[one.target] ?? null };
  const scene: PairScene & { version: 1 } = {
    version: 1,
    kind: "pair",
    unit: "image",
    models: ["first", "second"],
    order: [1, 0],
    classes: instance.classes,
    scale: instance.scale,
    instances: [
      { title: "A harbour", label: null, answers: [said, said], overlap: 1, turned: [], cosine: 0.2 },
    ],
  };
  const status = { phase: "idle", done: 0, of: 0, message: "", error: null, can: ["probe", "open", "mark"] };
  const state = Object.fromEntries(
    (["pixels", "labels", "backdrop"] as const).map((name) => [name, bench.get(name)]),
  );
  const look = { off: [], edits: {}, top: null };
  return new Workbench(
    {
      ...state,
      scene,
      instance: { ...instance, row: 0 },
      readings: [one, other(one)],
      marks: [],
      probe: null,
      picked: {},
      status,
      look,
    },
    (verb, own) => {
      if (!answer(verb, own)) kernel(verb, own);
    },
  );
}
