/** What a made-up session is about, and what is said of it. */
import type { Mark, Reading } from "./contract";
import { answer, posts, reading, type Words } from "./demo-pair";
import { max, min } from "./maths";
import type { SessionScene } from "./panels";
import type { Item, Plan, Revision, Suggestion } from "./sessions";

export const AS_GIVEN: Words = {
  Posting: 1.1,
  Host: 0.9,
  NNTP: 0.6,
  Keith: 0.8,
  university: 0.3,
  rutgers: -1.6,
  edu: -0.3,
  God: -0.4,
  faith: 0.15,
  atheist: 0.7,
};
/** What grows once the headers are gone. */
export const BELOW: Words = { God: -0.7, Jesus: -1.1, church: -0.9, atheist: 0.8, evidence: 0.7, edu: -0.25 };
const ALIKE = ["NNTP", "Posting", "Host", "university", "Organization"];

export const SCENE: SessionScene & { version: 1 } = {
  version: 1,
  kind: "session",
  unit: "text",
  classes: ["atheism", "christian"],
  scale: "probability",
  rows: 1079,
  held_out: 717,
  shifted: true,
  corrections: ["Drop", "Swap"],
  noun: "text",
};

/** What travels with what is marked. */
function alikeOf(marked: readonly string[]): Suggestion[] {
  if (!marked.some((name) => ALIKE.includes(name))) return [];
  return ALIKE.filter((name) => !marked.includes(name)).map((name, id) => ({
    id,
    name,
    evidence: [`in ${98 - 4 * id} % of the same texts`, "at the same place: the first paragraph"],
  }));
}

export function planOf(marks: readonly Mark[], wanted: string | null): Plan | null {
  const n = marks.length;
  if (!n) return null;
  const correction = wanted ?? "Drop";
  const words = n === 1 ? "the word leaves" : `the ${n} words leave`;
  const said =
    correction === "Drop"
      ? `${words} training and prediction; ${206 * n} of 1,079 texts change.`
      : "copies wear another row's words.";
  const [before, name] = ["NNTP-Posting-Host: lab.example.edu Hello Gang", marks[0]?.name ?? ""];
  return {
    correction,
    because: `${correction}, because what is marked can be left out, in training and in prediction.`,
    sentences: [`${correction}: ${said}`],
    touched: min(1079, 206 * n),
    of: 1079,
    examples: [3, 17].map((row) => ({ row, before, after: before.replace(name, "") })),
    error: n > 8 ? "Nothing would be left of 12 texts; withdraw some marks." : null,
  };
}

/** Where a made-up session stands. */
export interface Now {
  readonly models: ReadonlyMap<number, Words>;
  readonly revisions: readonly Revision[];
  readonly current: number;
  readonly marks: readonly Mark[];
  readonly picked: readonly number[];
  readonly read: ReadonlySet<number>;
  readonly row: number | null;
  readonly undo: string | null;
}

const wordsOf = ({ models }: Now, revision: number) => models.get(revision) ?? AS_GIVEN;
export const namesOf = (row: number) => posts[row]?.scene.features.map(({ name }) => name) ?? [];

/** The probability of the first class, with or without what is marked. */
function says(now: Now, row: number, without: boolean): number {
  const marked = new Set(now.marks.map(({ name }) => name));
  const names = namesOf(row).filter((name) => !without || !marked.has(name));
  return answer(wordsOf(now, now.current), names)[0] ?? 0;
}

export const turns = (now: Now, row: number) => says(now, row, false) > 0.5 !== says(now, row, true) > 0.5;

function itemOf(now: Now, row: number, place: number): Item {
  const p = says(now, row, false);
  const { title = "", label = 0 } = posts[row] ?? {};
  return {
    row,
    title,
    target: p > 0.5 ? 0 : 1,
    prediction: max(p, 1 - p),
    label,
    adds: 0.31 / (place + 1),
    read: now.read.has(row),
    turns: now.marks.length ? turns(now, row) : null,
  };
}

function readingsOf(now: Now): Reading[] {
  const scene = posts[now.row ?? -1]?.scene;
  const parent = now.revisions[now.current]?.parent ?? null;
  const made = (model: string, revision: number) =>
    scene ? [reading(model, wordsOf(now, revision), scene, 0, 10)] : [];
  if (parent === null) return made("model", now.current);
  return [...made("before", parent), ...made("after", now.current)];
}

/** All that marks and the current model decide. */
export function stateOf(now: Now) {
  const { marks, row, revisions, current, undo } = now;
  const items = now.picked.map((each, place) => itemOf(now, each, place));
  const opened = row === null ? null : posts[row];
  const names = row === null ? [] : namesOf(row);
  const trust = marks.length && row !== null ? { surrogate: !turns(now, row), model: null } : null;
  const { title, label, scene } = opened ?? {};
  return {
    picked: items.length ? { items, covered: items.map((_, i) => 1 - 0.69 * 0.8 ** i), pool: 200 } : {},
    instance: opened ? { version: 1, row, title, label, trust, ...scene } : {},
    readings: readingsOf(now),
    marks: marks.map((mark) => ({ ...mark, features: [names.indexOf(mark.name)].filter((i) => i >= 0) })),
    suggestions: alikeOf(marks.map(({ name }) => name)),
    standing: {
      accuracy: revisions[current]?.figure ?? null,
      trust: marks.length ? min(0.64 + 0.05 * marks.length, 0.99) : null,
    },
    revisions,
    current,
    undo,
    ledger: {
      retrust: "ledger",
      version: 1,
      marks: marks.map(({ name, ...mark }) => ({ key: name, ...mark })),
    },
    plan: planOf(marks, null),
  };
}
