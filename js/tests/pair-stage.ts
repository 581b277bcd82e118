/** Two models on three small texts. */
import type { Reading } from "../contract";
import type { PairScene } from "../panels";
import { small, stage } from "./stage";

export const MODELS = ["with headers", "cleaned"];

/** What two models say of a b c: one leans on alpha, the other turns beta and adds gamma. */
export const readings = (models = MODELS): Reading[] => {
  const [reading] = small().readings as [Reading];
  return models.map((model, i) => ({
    ...reading,
    model,
    ...(i === models.length - 1 && {
      prediction: [0.4, 0.6],
      intercept: 0.1,
      fidelity: 0.6,
      weights: [
        [0, 0.2, null],
        [1, 0.1, null],
        [2, -0.05, null],
      ],
    }),
  }));
};

export function pairScene(models = MODELS): PairScene & { version: 1 } {
  const answers = (...targets: number[]) =>
    models.map((_, i) => ({ target: targets[i] ?? targets[0] ?? 0, prediction: 0.9 }));
  const instance = { overlap: 0.5, turned: [] as string[], cosine: 0.8 };
  return {
    version: 1,
    kind: "pair",
    unit: "text",
    models,
    order: models.map((_, i) => models.length - 1 - i),
    classes: ["yes", "no"],
    scale: "probability",
    instances: [
      { title: "An old letter", label: 0, answers: answers(0, 0), ...instance },
      { title: "A reply", label: 1, answers: answers(0, 1), ...instance, turned: ["beta"] },
      { title: "A note", label: null, answers: answers(1, 1), ...instance, overlap: null, cosine: -0.5 },
    ],
  };
}

export const pairState = (models = MODELS) => ({
  scene: pairScene(models),
  instance: { ...small().scene, row: 1 },
  picked: {},
  readings: readings(models),
  marks: [],
  probe: null,
  status: { ...small().status, can: ["aim", "probe", "open", "mark"] },
  look: { off: [], edits: {}, top: null },
});

/** The panel, and what can be read of it. */
export async function pairStage(state: object = pairState()) {
  const page = await stage(state);
  const named = (name: string) => {
    const found = page.all("button").find((button) => button.textContent === name);
    if (!found) throw new Error(`no button is ${name}`);
    return found;
  };
  return {
    ...page,
    named,
    items: () => page.all(".rt-pair-item"),
    titles: () => page.all(".rt-pair-title").map((title) => title.textContent?.replace(/^\d+ /, "")),
    /** Name, note and numbers of each line. */
    lines: () =>
      page.all(".rt-row").map((row) => ({
        name: row.querySelector(".rt-name")?.textContent,
        note: row.querySelector(".rt-pair-note")?.textContent,
        values: [...row.querySelectorAll(".rt-value")].map((value) => value.textContent),
      })),
    /** What each model and its surrogate say. */
    says: () => page.all(".rt-pair-say").map((say) => say.textContent),
  };
}
