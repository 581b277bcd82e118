/** Draws the files of tests/contract with a kernel made up on the spot. */
import type { Reading, Status, TextScene, Weight } from "./contract";
import { surrogate } from "./surrogate";
import widget from "./widget";
import { type Sent, Workbench } from "./workbench";

const FILES = ["text", "text-multiclass", "parts", "regression", "hostile"];
const patch = (bench: Workbench, status: Partial<Status>) =>
  bench.set("status", { ...bench.get("status"), ...status });
const first = (bench: Workbench) => bench.get("readings")[0] as Reading;

/** The surrogate's answer, a little beside it, or an error for every fifth question. */
function probe(bench: Workbench, { id, off, edits }: Extract<Sent, { verb: "probe" }>): void {
  const reading = first(bench);
  if (id % 5 === 0) {
    patch(bench, { error: { verb: "probe", id, message: "ValueError: the model took fright" } });
    return;
  }
  const value = surrogate(reading, new Set([...off, ...Object.keys(edits).map(Number)])) ?? 0;
  const row = reading.prediction.map((p, i) => (i === reading.target ? value * 0.97 + 0.02 : p));
  patch(bench, { error: null });
  bench.set("probe", { off, edits, outputs: [row] });
}

/** Batches that come closer to the weights there are. */
function sample(bench: Workbench, n: number): void {
  const goal = first(bench);
  const timer = setInterval(() => {
    const status = bench.get("status");
    const done = Math.min(status.done + 130, n);
    if (status.phase === "idle" || done >= n) clearInterval(timer);
    const off = (w: Weight): Weight => [
      w[0],
      w[1] * (1 + 0.4 * (Math.random() - 0.5) * (1 - done / n)),
      w[2],
    ];
    bench.set("readings", [{ ...goal, weights: goal.weights.map(off), n_samples: done, model_calls: done }]);
    patch(bench, { done, phase: status.phase === "idle" || done >= n ? "idle" : "sampling" });
  }, 100);
  patch(bench, { phase: "sampling", done: 0, of: n });
}

function kernel(verb: Sent, bench: Workbench): void {
  const scene = bench.get("scene") as TextScene;
  const marks = bench.get("marks");
  if (verb.verb === "probe") setTimeout(probe, 400, bench, verb);
  else if (verb.verb === "sample") sample(bench, verb.n);
  else if (verb.verb === "stop") patch(bench, { phase: "idle" });
  else if (verb.verb === "withdraw")
    bench.set(
      "marks",
      marks.filter((mark) => !mark.features.some((id) => verb.features.includes(id))),
    );
  else if (verb.verb === "mark")
    bench.set("marks", [...marks, { ...verb, name: scene.features[verb.features[0] ?? 0]?.name ?? "" }]);
  else {
    const { target, n_features } = verb;
    const turned = first(bench).target === target ? 1 : -1;
    const weights = first(bench).weights.map(([id, w, e]): Weight => [id, w * turned, e]);
    bench.set("readings", [{ ...first(bench), target, n_features, weights: weights.slice(0, n_features) }]);
  }
}

function draw(state: ConstructorParameters<typeof Workbench>[0], title: string): void {
  const heading = document.createElement("h2");
  const el = document.createElement("div");
  heading.textContent = title;
  document.body.append(heading, el);
  widget.render({ model: new Workbench(state, kernel), el });
}

const wanted = new URLSearchParams(location.search);
document.body.classList.toggle("dark", wanted.has("dark"));
document.body.classList.toggle("light", wanted.has("light"));
for (const name of wanted.get("file")?.split(",") ?? FILES)
  draw(await (await fetch(`../tests/contract/${name}.json`)).json(), name);
if (!wanted.has("file")) {
  draw({}, "nothing yet");
  draw({ scene: { version: 1, kind: "foo" } }, "of another kind");
}
