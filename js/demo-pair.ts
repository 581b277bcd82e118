/** Two models that read made-up posts: one by their headers, one by what they say. */
import type { Probe, Reading, TextScene, Weight } from "./contract";
import { abs } from "./maths";
import { linesOf, tally, turned } from "./pair/compare";
import type { PairInstance, PairScene } from "./panels";
import { type Sent, Workbench } from "./workbench";

export type Words = Readonly<Record<string, number>>;

/** What each word says for the first class, in logits. */
const MODELS: Readonly<Record<string, Words>> = {
  "with headers": {
    Posting: 1.1,
    Host: 0.9,
    NNTP: 0.6,
    Keith: 0.8,
    university: 0.3,
    rutgers: -1.6,
    edu: -0.3,
    God: -0.4,
    faith: 0.15,
    belief: 0.2,
    atheist: 0.7,
  },
  cleaned: {
    atheist: 1.4,
    belief: -0.25,
    evidence: 0.8,
    moral: 0.35,
    God: -0.9,
    Jesus: -1.3,
    faith: -0.7,
    church: -1.1,
    fish: 0.3,
    please: -0.1,
  },
  "half cleaned": { Posting: 0.5, Host: 0.4, atheist: 1, God: -0.7, church: -0.6, rutgers: -0.8 },
};

const HEADS = [
  "From: keith@news.example.edu (Keith)\nOrganization: A university\nNNTP-Posting-Host: lab.example.edu\n\n",
  "From: mary@rutgers.example.edu\nOrganization: rutgers\n\n",
  "From: reader@example.edu\n\n",
];
const SAYINGS: readonly (readonly [title: string, label: number, text: string])[] = [
  [
    "Another request for Darwin fish",
    0,
    "There have been notes asking where to buy the fish. If anyone has an address, please post it.",
  ],
  [
    "Christian morality is",
    0,
    "A moral life needs no God. An atheist asks for evidence, and belief is no evidence.",
  ],
  [
    "Easter: what is in a name",
    1,
    "The church keeps the day that Jesus rose. To our faith the name is nothing, God is all.",
  ],
  ["Where are they now?", 0, "Is anyone of the old atheist regulars still reading this group?"],
  [
    "Doubt and faith, a long letter about how the two may well live beside each other",
    1,
    "My faith knows doubt. God is patient with belief that is slow.",
  ],
  ["Re: contradictions", 0, "Show evidence or leave it. Belief alone is no answer to the question."],
];

/** Words, and what stands between them. */
export function sceneOf(text: string): TextScene {
  const names: string[] = [];
  const pieces = (text.match(/\w+|\W+/g) ?? []).map((piece): [string, number] => {
    if (!/\w/.test(piece)) return [piece, -1];
    if (!names.includes(piece)) names.push(piece);
    return [piece, names.indexOf(piece)];
  });
  const features = names.map((name) => ({ name }));
  return { kind: "text", features, classes: ["atheism", "christian"], scale: "probability", pieces };
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
export const answer = (words: Words, names: readonly string[]) => {
  const p = logistic(names.reduce((sum, name) => sum + (words[name] ?? 0), 0));
  return [p, 1 - p];
};

export function reading(model: string, words: Words, scene: TextScene, target: number, n: number): Reading {
  const names = scene.features.map(({ name }) => name);
  const prediction = answer(words, names);
  const here = prediction[target] ?? 0;
  const weights = names
    .map((name, id): Weight => {
      const without = names.filter((other) => other !== name);
      return [id, here - (answer(words, without)[target] ?? 0), 0.006];
    })
    .filter(([, weight]) => weight !== 0)
    .sort((a, b) => abs(b[1]) - abs(a[1]))
    .slice(0, n);
  return {
    model,
    target,
    prediction,
    local_prediction: here,
    intercept: weights.reduce((sum, [, weight]) => sum - weight, here),
    weights,
    fidelity: 0.93 - 0.15 * abs(here - 0.5),
    n_samples: 5000,
    model_calls: 4931,
    n_features: n,
    settled: true,
    stability: 0.97,
    partial: null,
    doubt: null,
  };
}

export const posts = SAYINGS.flatMap(([title, label, text], i) =>
  HEADS.map((head, j) => ({
    title: j ? `Re: ${title}` : title,
    label: (i + j) % 7 === 6 ? 1 - label : label,
    scene: sceneOf(`${head}${text}\n`),
  })),
);

function summary({ title, label, scene }: (typeof posts)[number], models: readonly string[]): PairInstance {
  const readings = models.map((model) => reading(model, MODELS[model] ?? {}, scene, 0, 10));
  const [a = [], b = []] = [readings[0]?.weights, readings.at(-1)?.weights];
  const { shared, of, cosine } = tally(a, b);
  const changed = linesOf([a, b]).filter(({ weights: [x, y] }) => turned(x, y));
  return {
    title,
    label,
    answers: readings.map(({ prediction: [p, q] }) =>
      (p ?? 0) >= 0.5 ? { target: 0, prediction: p ?? null } : { target: 1, prediction: q ?? null },
    ),
    overlap: shared / of,
    turned: changed.map(({ feature }) => scene.features[feature]?.name ?? ""),
    cosine,
  };
}

function asked(models: readonly string[], scene: TextScene, { off, edits }: Omit<Probe, "outputs">): Probe {
  const gone = [...off, ...Object.keys(edits).map(Number)];
  const names = scene.features.map(({ name }) => name).filter((_, id) => !gone.includes(id));
  return { off, edits, outputs: models.map((model) => answer(MODELS[model] ?? {}, names)) };
}

/** A notebook's model of two models, or three; the verbs that it does not know are `kernel`'s. */
export function pairBench(n: number, kernel: (verb: Sent, bench: Workbench) => void): Workbench {
  const models = ["with headers", "half cleaned", "cleaned"].filter((_, i) => n > 2 || i !== 1);
  const scene: PairScene & { version: 1 } = {
    version: 1,
    kind: "pair",
    unit: "text",
    models,
    order: models.map((_, i) => models.length - 1 - i),
    classes: ["atheism", "christian"],
    scale: "probability",
    instances: posts.map((post) => summary(post, models)),
  };
  const open = (row: number, target = 0, many = 10) => {
    const instance = posts[row]?.scene as TextScene;
    const readings = models.map((model) => reading(model, MODELS[model] ?? {}, instance, target, many));
    return { instance: { version: 1, row, ...instance }, readings };
  };
  const can = ["aim", "probe", "open", "mark"];
  const status = { phase: "idle", done: 0, of: 0, message: "", error: null, can };
  const look = { off: [], edits: {}, top: null };
  return new Workbench(
    { scene, ...open(0), picked: {}, marks: [], probe: null, status, look },
    (verb, bench) => {
      const instance = bench.get("instance") as TextScene & { row: number };
      const put = (made: ReturnType<typeof open>) => {
        bench.set("instance", made.instance);
        bench.set("readings", made.readings);
      };
      if (verb.verb === "open") setTimeout(() => put(open(verb.row)), 150);
      else if (verb.verb === "aim") put(open(instance.row, verb.target, verb.n_features));
      else if (verb.verb === "probe")
        setTimeout(() => bench.set("probe", asked(models, instance, verb)), 300);
      else if (verb.verb === "mark") {
        const name = instance.features[verb.features[0] ?? 0]?.name ?? "";
        bench.set("marks", [...bench.get("marks"), { ...verb, name }]);
      } else kernel(verb, bench);
    },
  );
}
