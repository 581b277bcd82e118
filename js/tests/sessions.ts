/** A small session for the tests, and one whose names would do harm if they were parsed. */
import type { Mark, Status } from "../contract";
import type { SessionScene } from "../panels";
import type { Changed, Item, Measure, Plan, Revision } from "../sessions";
import { readings } from "./pair-stage";
import { small, stage } from "./stage";

const EVIL = '<img src=x onerror="window.hurt=1">';

export const scene = (change: Partial<SessionScene> = {}): SessionScene & { version: 1 } => ({
  version: 1,
  kind: "session",
  unit: "text",
  classes: ["yes", "no"],
  scale: "probability",
  rows: 1079,
  held_out: 717,
  shifted: true,
  corrections: ["Drop", "Swap"],
  noun: "text",
  ...change,
});

export const item = (change: Partial<Item> = {}): Item => ({
  row: 53,
  title: "Darwin fish",
  target: 0,
  prediction: 0.8,
  label: 0,
  adds: 0.31,
  read: true,
  turns: false,
  ...change,
});

export const picked = {
  items: [item(), item({ row: 7, title: "Easter", target: 1, read: false, turns: true, adds: 0.14 })],
  covered: [0.31, 0.45],
  pool: 200,
};

export const mark = (name: string, change: Partial<Mark> = {}): Mark => ({
  name,
  scope: "everywhere",
  because: "a header",
  features: [],
  ...change,
});

export const plan = (change: Partial<Plan> = {}): Plan => ({
  correction: "Drop",
  because: "Drop, because it can be left out.",
  sentences: ["Drop: one word leaves."],
  touched: 412,
  of: 1079,
  examples: [{ row: 3, before: "alpha here", after: " here" }],
  error: null,
  ...change,
});

export const measure = (change: Partial<Measure> = {}): Measure => ({
  name: "valid",
  label: "held out",
  before: 0.934,
  after: 0.912,
  low: -0.036,
  high: -0.008,
  p: 0.004,
  n: 717,
  of: "accuracy",
  better: "up",
  ...change,
});

export const changed = (change: Partial<Changed> = {}): Changed => ({
  number: 1,
  against: 0,
  correction: "Drop",
  how: "process",
  seconds: 3.1,
  complete: true,
  measures: [measure()],
  gained: [{ name: "rutgers", before: 0.02, after: 0.09, marked: false }],
  turned: [{ title: "A note", before: "yes", after: "no", label: "no" }],
  turned_count: 41,
  ...change,
});

export const revision = (number: number, change: Partial<Revision> = {}): Revision => ({
  number,
  parent: number ? 0 : null,
  name: number ? "" : "as given",
  marks: 2 * number,
  correction: number ? "Drop" : null,
  figure: number ? 0.912 : 0.934,
  model: true,
  ...change,
});

export const status = (change: Partial<Status> = {}): Status => ({
  phase: "idle",
  done: 0,
  of: 0,
  message: "",
  error: null,
  can: ["open", "mark", "probe", "aim", "next", "retrain", "undo", "stop"],
  ...change,
});

/** Before anything was done; `change` replaces traits. */
export const fresh = (change: object = {}) => ({
  scene: scene(),
  picked: {},
  instance: {},
  readings: [],
  marks: [],
  suggestions: [],
  plan: null,
  standing: { accuracy: 0.934, trust: null },
  changed: null,
  revisions: [revision(0)],
  current: 0,
  undo: null,
  ledger: {},
  probe: null,
  status: status(),
  look: { off: [], edits: {}, top: null },
  ...change,
});

/** An instance is open, alpha is marked. */
export const marked = (change: object = {}) =>
  fresh({
    picked,
    instance: { ...small().scene, row: 53, trust: { surrogate: true, model: null } },
    readings: small().readings,
    marks: [mark("alpha", { features: [0] })],
    suggestions: [
      { id: 0, name: "NNTP", evidence: ["in 98 % of the same texts", "at the same place"] },
      { id: 1, name: "Host", evidence: ["in 91 %"] },
    ],
    plan: plan(),
    standing: { accuracy: 0.934, trust: 0.81 },
    undo: "the mark on alpha",
    ledger: { retrust: "ledger", version: 1, marks: [{ key: "alpha" }] },
    ...change,
  });

/** After one training. */
export const trained = (change: object = {}) =>
  marked({
    readings: readings(["before", "after"]),
    changed: changed(),
    revisions: [revision(0), revision(1)],
    current: 1,
    undo: "the retraining",
    ...change,
  });

/** Everything that has a name has this one. */
export const hostile = () =>
  trained({
    scene: scene({ classes: [EVIL, EVIL], noun: EVIL, corrections: [EVIL, "Drop"] }),
    picked: { ...picked, items: [item({ title: EVIL, glance: { pieces: [[EVIL, 0]] } })] },
    instance: { ...small().scene, row: 53, title: EVIL, trust: { surrogate: false, model: true } },
    marks: [mark(EVIL, { because: EVIL })],
    suggestions: [{ id: 0, name: EVIL, evidence: [EVIL] }],
    plan: plan({ because: EVIL, sentences: [EVIL], examples: [{ row: 1, before: EVIL, after: EVIL }] }),
    changed: changed({
      measures: [measure({ label: EVIL, of: EVIL })],
      gained: [{ name: EVIL, before: 0, after: 1, marked: false }],
      turned: [{ title: EVIL, before: EVIL, after: EVIL, label: EVIL }],
    }),
    revisions: [revision(0), revision(1, { name: EVIL })],
    undo: EVIL,
    status: status({ message: EVIL, error: { verb: "retrain", id: 1, message: EVIL } }),
  });

/** The page, and what can be read of it. */
export async function sessionStage(state: object) {
  const page = await stage(state);
  await page.later(page.bench, {});
  const texts = (selector: string) => page.all(selector).map(({ textContent }) => textContent);
  const button = (name: string) => {
    const found = page.all("button").find(({ textContent }) => textContent === name);
    if (!found) throw new Error(`no button is ${name}`);
    return found as HTMLButtonElement;
  };
  return {
    ...page,
    texts,
    button,
    press: (name: string) => page.click(button(name)),
    key: page.press,
    /** New traits, those that only sessions have among them. */
    tell: (change: object) => page.later(page.bench, change),
    /** What was sent, without ids. */
    sent: () => page.bench.sent.map(({ id, ...verb }) => verb as object),
  };
}
