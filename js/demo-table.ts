/** A made-up table of many columns, and what a model that is nearly linear says of one row. */
import type { Condition, Reading, TableColumn, TableScene, Weight } from "./contract";
import { abs } from "./maths";
import type { PairScene } from "./panels";
import { type Sent, Workbench } from "./workbench";

const CITIES = ["Ghent", "Lyon", "Porto", "Turku", "Graz"];
const NAMES = ["age", "hours", "city", "since", "income", "height", "visits", "distance", "rooms", "score"];

/** Between nought and one, always the same. */
const chance = (i: number) => abs(Math.sin(12.9898 * i + 4.1) * 43758.5453) % 1;

function measured(name: string, i: number, kind: "number" | "date" = "number"): TableColumn {
  const day = kind === "date" ? 86_400 : 1;
  const edges = Array.from({ length: 17 }, (_, k) => (18 + 4 * k) * day * (kind === "date" ? 250 : 1));
  const counts = edges
    .slice(1)
    .map((_, k) => Math.round(90 * Math.exp(-(((k - 4 - 8 * chance(i)) / 4) ** 2)) + 8));
  const at = i % 11 === 7 ? null : Math.round(20 + 60 * chance(i + 0.5)) * day * (kind === "date" ? 250 : 1);
  const value =
    at === null ? "" : kind === "date" ? new Date(1000 * at).toISOString().slice(0, 10) : String(at);
  return { name, kind, value, at, missing: i % 11 === 7 ? 0.08 : 0, whole: true, edges, counts };
}

function columnOf(i: number): TableColumn {
  const name =
    i < NAMES.length ? (NAMES[i] ?? "") : `${NAMES[i % NAMES.length]} ${Math.floor(i / NAMES.length)}`;
  if (i % 29 === 28) return { name, kind: "constant", value: "1" };
  if (i % 10 === 3) return measured(name, i, "date");
  if (i % 10 !== 2) return measured(name, i);
  const options = CITIES.map((city, k) => [city, [0.34, 0.26, 0.2, 0.12, 0.05][k] ?? 0] as const);
  return { name, kind: "category", value: CITIES[i % 5] ?? "", missing: 0.03, options, more: 0 };
}

function conditionOf(column: TableColumn, at: number): Condition {
  const { name, value } = column;
  if (column.kind === "category") return { name: `${name} = ${value}`, column: at };
  if (column.kind !== "number" && column.kind !== "date") return { name, column: at };
  if (column.at === null) return { name: `${name} missing`, column: at };
  const step = (column.edges[3] ?? 0) - (column.edges[0] ?? 0);
  const [low, high] = [column.at - 0.4 * step, column.at + 0.6 * step].map(Math.round);
  const said = (x = 0) =>
    column.kind === "date" ? new Date(1000 * x).toISOString().slice(0, 10) : String(x);
  return {
    name: `${said(low)} < ${name} ≤ ${said(high)}`,
    column: at,
    low: low ?? null,
    high: high ?? null,
  };
}

/** A notebook's model of one row of `n` columns; its kernel is `answer`. */
export function tableBench(n: number, answer: (verb: Sent, bench: Workbench) => void): Workbench {
  const columns = Array.from({ length: n }, (_, i) => columnOf(i));
  const features = columns.flatMap((column, at) =>
    column.kind === "constant" ? [] : [conditionOf(column, at)],
  );
  const other = columns.map((column, i) => (i % 3 ? columnOf(i + 10).value : column.value));
  const scene: TableScene & { version: 1 } = {
    version: 1,
    kind: "table",
    features,
    classes: ["stays", "leaves"],
    scale: "probability",
    columns,
    others: [
      { title: "training row 17", values: other },
      {
        title: "the nearest that stays",
        values: columns.map(({ value }, i) => (i % 5 ? value : (other[i + 1] ?? ""))),
      },
    ],
  };
  const weights = features
    .map((_, id): Weight => [id, (chance(3 * id) - 0.45) * 0.5 * chance(id), 0.008])
    .sort((a, b) => abs(b[1]) - abs(a[1]))
    .slice(0, 10);
  const reading: Reading = {
    model: "model",
    target: 1,
    prediction: [0.27, 0.73],
    local_prediction: 0.71,
    intercept: 0.71 - weights.reduce((sum, [, weight]) => sum + weight, 0),
    weights,
    fidelity: 0.66,
    n_samples: 5000,
    model_calls: 5000,
    n_features: 10,
    settled: true,
    stability: 0.96,
    partial: null,
    doubt: null,
    effective: 1870.4,
    locality: null,
  };
  const status = { phase: "idle", done: 0, of: 0, message: "", error: null, can: ["aim", "probe", "sample"] };
  const look = { off: [], edits: {}, top: null };
  return new Workbench({ scene, readings: [reading], marks: [], probe: null, status, look }, answer);
}

/** Two models on one row of a table. */
export function tablePair(answer: (verb: Sent, bench: Workbench) => void): Workbench {
  const one = tableBench(12, answer);
  const instance = one.get("scene") as TableScene;
  const first = one.get("readings")[0] as Reading;
  const models = ["with all columns", "without height"];
  const weights = first.weights.map(([id, weight], i): Weight => [id, weight * (i % 4 ? 0.7 : -0.4), 0.01]);
  const scene: PairScene & { version: 1 } = {
    version: 1,
    kind: "pair",
    unit: "table",
    models,
    order: [1, 0],
    classes: instance.classes,
    scale: "probability",
    instances: [
      {
        title: "row 0",
        label: 1,
        answers: [0.73, 0.61].map((prediction) => ({ target: 1, prediction })),
        overlap: 1,
        turned: [],
        cosine: 0.3,
      },
    ],
  };
  const readings = [first, { ...first, prediction: [0.39, 0.61], weights }].map((reading, i) => ({
    ...reading,
    model: models[i] ?? "",
  }));
  const { status, look } = { status: one.get("status"), look: one.get("look") };
  return new Workbench(
    { scene, instance: { ...instance, row: 0 }, picked: {}, readings, marks: [], probe: null, status, look },
    answer,
  );
}
