/** A pick made up on the spot, as large as is wanted: scene, picks, opened instances. */
import { abs, floor, min } from "./maths";
import type { Picked, PickScene } from "./panels";

const CLASSES = ["atheism", "christian", "space"];
const FIRST = ["ta", "lo", "mi", "ser", "pa", "gen", "vo", "ris", "un", "ka", "de", "fol"];
const THEN = ["rin", "to", "mal", "ke", "sta", "von", "ly", "per", "gu", "no", "dar", "ix"];
const FULL = ["Posting", "Host", "NNTP", "God", "rutgers", "keith", "Organization", "please", "Re", "orbit"];

/** Numbers in [0, 1), the same every time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const word = (i: number) =>
  FULL[i] ??
  `${FIRST[i % 12]}${THEN[floor(i / 12) % 12]}${FIRST[floor(i / 144) % 12]}${i > 1727 ? THEN[floor(i / 1728) % 12] : ""}`;

/** Rows of weights on features of which few are common, as words are. */
function matrixOf(n: number, d: number, roll: () => number) {
  const starts = [0];
  const [features, weights]: [number[], number[]] = [[], []];
  for (let row = 0; row < n; row++) {
    const mine = new Map<number, number>();
    while (mine.size < min(18, d)) {
      const id = floor(d * roll() ** 3.2);
      mine.set(
        id,
        Math.round(1000 * (roll() < 0.72 ? 1 : -0.6) * roll() ** 2.5 * (id < 8 ? 0.4 : 0.22)) / 1000 || 0.002,
      );
    }
    for (const [id, weight] of [...mine].sort((a, b) => abs(b[1]) - abs(a[1]))) {
      features.push(id);
      weights.push(weight);
    }
    starts.push(features.length);
  }
  return { starts, features, weights };
}

export function sceneOf(n: number, d: number, seed = 7): PickScene & { version: 1 } {
  const roll = dice(seed);
  const raw = matrixOf(n, d, roll);
  const targets = Array.from({ length: n }, () => floor(3 * roll()));
  const sums = Array.from({ length: d }, () => ({ size: 0, count: 0, toward: [0, 0, 0] }));
  eachCell(raw, (row, id, weight) => {
    const sum = sums[id] as (typeof sums)[number];
    sum.size += abs(weight);
    sum.count += 1;
    sum.toward[targets[row] as number] = (sum.toward[targets[row] as number] ?? 0) + weight;
  });
  const order = [...sums.keys()].sort((a, b) => (sums[b]?.size ?? 0) - (sums[a]?.size ?? 0));
  const place = new Map(order.map((id, i) => [id, i]));
  return {
    version: 1,
    kind: "pick",
    unit: "text",
    classes: CLASSES,
    scale: "probability",
    features: order.map((id, i) => {
      const { size, count, toward } = sums[id] as (typeof sums)[number];
      return { name: word(i), importance: Math.sqrt(size), count, toward, picture: null };
    }),
    instances: targets.map((target, row) => ({
      title: `Re: ${[0, 1, 2].map((k) => word(floor(40 * roll()) + k * 12)).join(" ")}${row % 7 ? "" : "?"}`,
      target,
      prediction: 0.5 + roll() / 2,
      label: roll() < 0.86 ? target : (target + 1) % 3,
      fidelity: 0.6 + 0.4 * roll(),
    })),
    matrix: { ...raw, features: raw.features.map((id) => place.get(id) as number) },
    left_out: 0,
  };
}

function eachCell(
  { starts, features, weights }: PickScene["matrix"],
  tell: (row: number, id: number, weight: number) => void,
): void {
  for (let row = 0; row + 1 < starts.length; row++)
    for (let k = starts[row] as number; k < (starts[row + 1] as number); k++)
      tell(row, features[k] as number, weights[k] as number);
}

const idsOf = ({ matrix: { starts, features } }: PickScene, row: number) =>
  features.slice(starts[row], starts[row + 1]);

/** Coverage as rows are taken in an order, and what each adds. */
function take(scene: PickScene, next: (worth: (row: number) => number, step: number) => number, n: number) {
  const got = new Set<number>();
  const [rows, covered, added]: [number[], number[], number[][]] = [[], [], []];
  const size = (id: number) => scene.features[id]?.importance ?? 0;
  const whole = scene.features.reduce((sum, { importance }) => sum + importance, 0);
  const fresh = (row: number) => idsOf(scene, row).filter((id) => !got.has(id));
  const worth = (row: number) => fresh(row).reduce((sum, id) => sum + size(id), 0);
  for (let step = 0; step < n; step++) {
    const row = next(worth, step);
    rows.push(row);
    added.push(fresh(row).sort((a, b) => a - b));
    for (const id of idsOf(scene, row)) got.add(id);
    covered.push([...got].reduce((sum, id) => sum + size(id), 0) / whole);
  }
  return { rows, covered, added };
}

type Wish = Pick<Picked, "method" | "target" | "errors">;
export function pickedFrom(scene: PickScene, { method, target, errors }: Wish): Picked {
  const roll = dice(3);
  const among = scene.instances.flatMap((instance, row) =>
    (target ?? instance.target) === instance.target && !(errors && instance.label === instance.target)
      ? [row]
      : [],
  );
  const n = min(30, among.length);
  const chance = () => {
    const deck = among.map((row) => [roll(), row] as const).sort(([a], [b]) => a - b);
    return take(scene, (_, step) => deck[step]?.[1] ?? 0, n);
  };
  const taken = new Set<number>();
  const greedy = (worth: (row: number) => number) => {
    let [best, most] = [among[0] ?? 0, -1];
    for (const row of among) if (!taken.has(row) && worth(row) > most) [best, most] = [row, worth(row)];
    taken.add(best);
    return best;
  };
  const chances = Array.from({ length: 20 }, () => chance().covered);
  const at = (share: number) =>
    Array.from(
      { length: n },
      (_, i) => chances.map((c) => c[i] ?? 0).sort((a, b) => a - b)[floor(share * 19)] ?? 0,
    );
  const chosen = method === "random" ? chance() : take(scene, greedy, n);
  return {
    method,
    target,
    errors,
    among: among.length,
    ...chosen,
    random: { mean: at(0.5), low: at(0.05), high: at(0.95) },
    glances: chosen.rows.map((row) => ({ pieces: piecesOf(scene, row, 7) })),
  };
}

function piecesOf(scene: PickScene, row: number, few: number) {
  const filler = [
    "have been notes",
    ", on the",
    "recently asking",
    "where to obtain",
    "and the",
    ". Thanks,",
  ];
  return idsOf(scene, row)
    .slice(0, few)
    .flatMap((id, i): [string, number][] => [
      [scene.features[id]?.name ?? "", id],
      [` ${filler[(row + i) % filler.length]} `, -1],
    ]);
}

/** The opened instance, as its own scene. */
export function opened(scene: PickScene, row: number) {
  const ids = idsOf(scene, row);
  const { starts, weights } = scene.matrix;
  const { target, prediction, fidelity } = scene.instances[row] as PickScene["instances"][number];
  const shares = CLASSES.map((_, i) => (i === target ? prediction : (1 - (prediction ?? 0)) / 2));
  return {
    instance: {
      version: 1,
      kind: "text",
      row,
      features: ids.map((id) => ({ name: scene.features[id]?.name ?? "" })),
      classes: CLASSES,
      scale: "probability",
      pieces: piecesOf(scene, row, 99).map(([text, id]) => [text, id < 0 ? -1 : ids.indexOf(id)]),
    },
    readings: [
      {
        model: "model",
        target,
        prediction: shares,
        local_prediction: prediction,
        intercept: 0.3,
        weights: ids.slice(0, 10).map((_, k) => [k, weights[(starts[row] ?? 0) + k] ?? 0, 0.01] as const),
        fidelity,
        n_samples: 1000,
        model_calls: 996,
        n_features: 10,
        settled: true,
        stability: 0.97,
        partial: null,
        doubt: null,
      },
    ],
  };
}
