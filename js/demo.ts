/** Draws the files of tests/contract with a kernel made up on the spot. */
import type { Reading, Scene, Status, Weight } from "./contract";
import { pictures } from "./demo-image";
import { pairBench } from "./demo-pair";
import { picturePair } from "./demo-pair-image";
import { pickBench } from "./demo-pick";
import { DemoSession } from "./demo-session";
import { tableBench, tablePair } from "./demo-table";
import image from "./image";
import pair from "./pair";
import pick from "./pick";
import session from "./session";
import { counts, surrogate } from "./surrogate";
import table from "./table";
import widget from "./widget";
import { type Sent, Workbench } from "./workbench";

const FILES = ["text", "text-multiclass", "parts", "regression", "hostile", "image", "table", "table-slopes"];
const patch = (bench: Workbench, status: Partial<Status>) =>
  bench.set("status", { ...bench.get("status"), ...status });
const first = (bench: Workbench) => bench.get("readings")[0] as Reading;

/** The surrogate's answer, a little beside it, or an error for every fifth question. */
function probe(
  bench: Workbench,
  { id, off, edits, painted = false }: Extract<Sent, { verb: "probe" }>,
): void {
  const reading = first(bench);
  if (id % 5 === 0) {
    patch(bench, { error: { verb: "probe", id, message: "ValueError: the model took fright" } });
    return;
  }
  const scene = bench.get("scene") as Scene;
  const value = surrogate(reading, new Set(off), (other) => counts(scene, other, edits[other])) ?? 0;
  const row = reading.prediction.map((p, i) =>
    i === reading.target ? value * (painted ? 0.6 + Math.random() / 5 : 0.97) + 0.02 : p,
  );
  patch(bench, { error: null });
  const drawn = scene.kind === "table" && off.length > 0;
  const spread = drawn ? [row.map((p) => [(p ?? 0) * 0.8, (p ?? 0) * 1.1] as const)] : null;
  bench.set("probe", { off, edits, painted, outputs: [row], spread });
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
  const scene = bench.get("scene") as Scene;
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
  else if (verb.verb === "aim") {
    const { target, n_features } = verb;
    const turned = first(bench).target === target ? 1 : -1;
    const weights = first(bench).weights.map(([id, w, e]): Weight => [id, w * turned, e]);
    bench.set("readings", [{ ...first(bench), target, n_features, weights: weights.slice(0, n_features) }]);
  }
}

function draw(bench: Workbench, title: string): void {
  const heading = document.createElement("h2");
  const el = document.createElement("div");
  heading.textContent = title;
  document.body.append(heading, el);
  const { kind } = (bench.get("scene") ?? {}) as { kind?: string };
  const entries: Record<string, typeof widget> = { image, table, pick, pair, session };
  (entries[kind ?? ""] ?? widget).render({ model: bench, el });
}

const wanted = new URLSearchParams(location.search);
document.body.classList.toggle("dark", wanted.has("dark"));
document.body.classList.toggle("light", wanted.has("light"));
const many = wanted.get("pick")?.split("x").map(Number);
const models = wanted.get("pair");
const loop = wanted.get("session");
const wide = wanted.get("table");
if (wide !== null) draw(tableBench(Number(wide) || 40, kernel), "a table");
if (loop !== null) draw(new DemoSession(loop === "fails", kernel).bench, "the loop");
if (models === "picture")
  for (const { bench, title } of (await pictures(kernel)).slice(0, 1))
    draw(picturePair(bench, kernel), title);
else if (models === "table") draw(tablePair(kernel), "models on one row");
else if (models !== null) draw(pairBench(Number(models) || 2, kernel), "models side by side");
if (many) draw(pickBench(many[0] || 500, many[1] || 1200, kernel), "a pick");
for (const name of wanted.get("file")?.split(",").filter(Boolean) ??
  (many || (models ?? loop ?? wide) !== null ? [] : FILES))
  draw(new Workbench(await (await fetch(`../tests/contract/${name}.json`)).json(), kernel), name);
if (!many && (models ?? loop ?? wide) === null && !wanted.get("file")) {
  for (const { bench, title } of await pictures(kernel)) draw(bench, title);
  draw(new Workbench({}), "nothing yet");
  draw(new Workbench({ scene: { version: 1, kind: "foo" } }), "of another kind");
}
