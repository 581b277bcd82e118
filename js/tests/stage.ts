/** What the tests share: contract files, a mounted widget, and hands. */
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, vi } from "vitest";
import type { Probe, Reading, Scene, TextScene, Traits, Verb } from "../contract";
import image from "../image";
import pair from "../pair";
import type { PanelScene } from "../panels";
import pick from "../pick";
import session from "../session";
import table from "../table";
import widget from "../widget";
import { type Sent, Workbench } from "../workbench";

const FOLDER = "tests/contract";
export type Example = Omit<Traits, "scene"> & { scene: TextScene; verbs: (Verb & { id: number })[] };

const read = (name: string) => JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8"));
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
const kindOf = (name: string): string => read(name).scene?.kind ?? "";
/** The files of one instance, and those of panels. */
export const names = files.filter((name) => !/^(pick|pair|session)$/.test(kindOf(name)));
export const panels = files.filter((name) => /^(pick|pair)$/.test(kindOf(name)));
export const example = (name: string): Example => read(name);
export const panelExample = (name: string): PanelExample => read(name);

export type PanelExample = Omit<Traits, "scene"> & {
  scene: Exclude<PanelScene, { kind: "session" }>;
  verbs: readonly (Verb & { id: number })[];
};

/** A small text: a b c, with weights +.3 and −.1, and prediction .8. */
export function small(change: Partial<Reading> = {}) {
  const scene: TextScene & { version: 1 } = {
    version: 1,
    kind: "text",
    features: [{ name: "alpha" }, { name: "beta" }, { name: "gamma" }],
    classes: ["yes", "no"],
    scale: "probability",
    pieces: [
      ["alpha", 0],
      [" ", -1],
      ["beta", 1],
      [", ", -1],
      ["alpha", 0],
      ["; ", -1],
      ["gamma", 2],
      ["\n", -1],
    ],
  };
  const reading: Reading = {
    model: "model",
    target: 0,
    prediction: [0.8, 0.2],
    local_prediction: 0.7,
    intercept: 0.5,
    weights: [
      [0, 0.3, 0.01],
      [1, -0.1, null],
    ],
    fidelity: 0.9,
    n_samples: 5000,
    model_calls: 4321,
    n_features: 2,
    settled: false,
    stability: null,
    partial: null,
    doubt: null,
    ...change,
  };
  const status = {
    phase: "idle" as const,
    done: 0,
    of: 0,
    message: "",
    error: null,
    can: ["aim", "probe", "sample"],
  };
  const look = { off: [], edits: {}, top: null };
  return { scene, readings: [reading], marks: [], probe: null, status, look };
}

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
  document.body.replaceChildren();
});

/** Draw a state as a notebook would. */
export const stage = (state: object) => again(new Workbench(state));

/** One more view of a model. */
export async function again(bench: Workbench) {
  const el = document.createElement("div");
  document.body.append(el);
  const clock = vi.spyOn(Date, "now").mockReturnValueOnce(0); // where ids begin
  const { kind } = (bench.get("scene") ?? {}) as Partial<Scene | PanelScene>;
  const entries: Record<string, typeof widget> = { image, table, pick, pair, session };
  const end = (entries[kind ?? ""] ?? widget).render({ model: bench, el });
  clock.mockRestore();
  ends.push(end);
  await settled();
  return { bench, el, end, ...handsOn(el) };
}

export function handsOn(el: Element) {
  const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
  const one = (selector: string) => {
    const found = el.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`nothing is ${selector}`);
    return found;
  };
  const act = async (action: () => void) => {
    action();
    await settled();
  };
  return {
    all,
    one,
    has: (selector: string) => el.querySelector(selector) !== null,
    text: (selector: string) => one(selector).textContent,
    word: (name: string) => {
      const found = all(".rt-word").find((word) => word.textContent === name);
      if (!found) throw new Error(`no word is ${name}`);
      return found;
    },
    click: (target: HTMLElement, detail = 1) =>
      act(() => target.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail }))),
    doubleClick: (target: HTMLElement) =>
      act(() => {
        for (const [type, detail] of [
          ["click", 1],
          ["click", 2],
          ["dblclick", 2],
        ] as const)
          target.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, detail }));
      }),
    press: (target: Element, key: string, more: KeyboardEventInit = {}) =>
      act(() => {
        target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
      }),
    type: (target: HTMLElement, value: string, event = "input") =>
      act(() => {
        (target as HTMLInputElement).value = value;
        target.dispatchEvent(new Event(event, { bubbles: true }));
      }),
    later: (bench: Workbench, change: Partial<Traits>) =>
      act(() => {
        for (const [name, value] of Object.entries(change)) bench.set(name as keyof Traits, value as never);
      }),
  };
}

/** Let Preact draw: it waits for a microtask, effects for a frame. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
  await new Promise((done) => setImmediate(done));
}

/** The three figures of the foot. */
export const says = (page: { text: (selector: string) => string | null }) => ({
  surrogate: page.text(".rt-surrogate"),
  model: page.text(".rt-model"),
  gap: page.text(".rt-gap"),
});
/** The answer to a trial. */
export const answer = (
  off: number[],
  value: number,
  edits: Record<string, string> = {},
): { probe: Probe } => ({
  probe: { off, edits, outputs: [[value, 1 - value]] },
});
/** What the model was asked to take away. */
export const questions = (bench: Workbench) =>
  bench.sent
    .filter((sent): sent is Extract<Sent, { verb: "probe" }> => sent.verb === "probe")
    .map(({ off }) => off);
