import { describe, expect, it } from "vitest";
import { answer, example, questions, says, small, stage } from "./stage";

describe("at rest", () => {
  it("surrogate and model stand side by side with their gap", async () => {
    const page = await stage(small());
    expect(says(page)).toEqual({ surrogate: "0.70", model: "0.80", gap: "gap 0.10" });
    expect(page.bench.sent).toEqual([]);
  });

  it("every word is a button with weight, presence and one tab stop in all", async () => {
    const page = await stage(small());
    expect(
      page
        .all(".rt-word")
        .map((word) => [word.getAttribute("role"), word.getAttribute("aria-label"), word.tabIndex]),
    ).toEqual([
      ["button", "alpha, for yes +0.300, present", 0],
      ["button", "beta, against yes −0.100, present", -1],
      ["button", "alpha, for yes +0.300, present", -1],
      ["button", "gamma, no weight, present", -1],
    ]);
    expect(page.text(".rt-text")).toBe("alpha beta, alpha; gamma\n");
  });

  it("bars are sorted, signed, and have intervals where the error is known", async () => {
    const page = await stage(small());
    expect(page.all(".rt-value").map((value) => value.textContent)).toEqual([
      "for yes +0.300 ±.02",
      "against yes −0.100",
    ]);
    expect(page.all(".rt-axis u")).toHaveLength(1);
    expect(page.all(".rt-axis i").map((bar) => bar.className)).toEqual(["rt-for", "rt-against"]);
  });
});

describe("a click on a word", () => {
  it("keeps the look, moves the surrogate at once, asks the model, and shows its answer and the gap", async () => {
    const page = await stage(small());
    await page.click(page.word("alpha"));
    expect(page.bench.kept).toEqual([{ off: [0], edits: {}, top: null }]);
    expect(page.bench.sent).toEqual([{ verb: "probe", id: 1, off: [0], edits: {} }]);
    expect(says(page)).toEqual({ surrogate: "0.40", model: "0.80", gap: "asking…" });
    expect(page.has(".rt-stale")).toBe(true);
    await page.later(page.bench, answer([0], 0.35));
    expect(says(page)).toEqual({ surrogate: "0.40", model: "0.35", gap: "gap 0.05" });
    expect(page.has(".rt-stale")).toBe(false);
  });

  it("takes every occurrence away and says so", async () => {
    const page = await stage(small());
    await page.click(page.word("alpha"));
    const pressed = page.all(".rt-word").map((word) => word.getAttribute("aria-pressed"));
    expect(pressed).toEqual(["true", "false", "true", "false"]);
    expect(page.word("alpha").getAttribute("aria-label")).toBe("alpha, for yes +0.300, absent");
    expect(page.one(".rt-foot [role=status]").textContent).toBe("without alpha: surrogate says 0.40");
    await page.later(page.bench, answer([0], 0.35));
    expect(page.one(".rt-foot [role=status]").textContent).toBe(
      "without alpha: surrogate says 0.40, model says 0.35",
    );
  });

  it("puts it back without a question, for the answer is known", async () => {
    const page = await stage(small());
    await page.click(page.word("gamma"));
    await page.later(page.bench, answer([2], 0.79));
    await page.click(page.word("gamma"));
    expect(questions(page.bench)).toEqual([[2]]);
    expect(says(page).model).toBe("0.80");
  });

  it("asks one question at a time, and of several only the last", async () => {
    const page = await stage(small());
    await page.click(page.word("alpha"));
    await page.click(page.word("beta"));
    await page.click(page.word("gamma"));
    expect(questions(page.bench)).toEqual([[0]]);
    await page.later(page.bench, answer([0], 0.35));
    expect(questions(page.bench)).toEqual([[0], [0, 1, 2]]);
    expect(says(page)).toEqual({ surrogate: "0.50", model: "0.80", gap: "asking…" });
    await page.later(page.bench, answer([2, 1, 0], 0.45));
    expect(says(page)).toEqual({ surrogate: "0.50", model: "0.45", gap: "gap 0.05" });
  });

  it("keeps the last answer, dimmed, while the next is awaited", async () => {
    const page = await stage(small());
    await page.click(page.word("alpha"));
    await page.later(page.bench, answer([0], 0.35));
    await page.click(page.word("beta"));
    expect(says(page)).toMatchObject({ model: "0.35", gap: "asking…" });
  });

  it("does without the model where none is attached", async () => {
    const state = small();
    const page = await stage({ ...state, status: { ...state.status, can: [] } });
    await page.click(page.word("alpha"));
    expect(page.bench.sent).toEqual([]);
    expect(page.text(".rt-surrogate")).toBe("0.40");
    expect(page.text(".rt-answers")).toContain("model not attached");
  });
});

describe("the foot", () => {
  it("lists what is away; each can be put back, and all at once", async () => {
    const page = await stage(small());
    await page.click(page.word("alpha"));
    await page.click(page.word("beta"));
    expect(page.all(".rt-chip").map((chip) => chip.getAttribute("aria-label"))).toEqual([
      "put back alpha",
      "put back beta",
    ]);
    await page.click(page.one(".rt-chip"));
    expect(page.bench.get("look").off).toEqual([1]);
    await page.click(page.one(".rt-trial .rt-button"));
    expect(page.bench.get("look")).toEqual({ off: [], edits: {}, top: null });
  });

  it("folds many chips into their number, and unfolds them", async () => {
    const { scene } = example("text.json");
    const off = scene.features.map((_, id) => id).slice(0, 9);
    const page = await stage({ ...example("text.json"), probe: null, look: { off, edits: {}, top: null } });
    expect(page.all(".rt-chip").map((chip) => chip.textContent)).toEqual(["9 words"]);
    await page.click(page.one(".rt-chip"));
    expect(page.all(".rt-chip")).toHaveLength(9);
  });
});

describe("a page loaded again", () => {
  it("has the words away, and asks if their answer is not there", async () => {
    const page = await stage({ ...small(), look: { off: [0], edits: { 2: "omega" }, top: null } });
    expect(page.word("alpha").getAttribute("aria-pressed")).toBe("true");
    expect(page.word("omega").getAttribute("aria-label")).toBe(
      "omega, in place of gamma, no weight, present",
    );
    expect(page.bench.sent).toEqual([{ verb: "probe", id: 1, off: [0], edits: { 2: "omega" } }]);
  });

  it("asks nothing if the answer is there", async () => {
    const page = await stage(example("text.json"));
    expect(page.bench.sent).toEqual([]);
    expect(page.text(".rt-model")).toBe("0.41");
  });

  it("forgets features that the scene does not have", async () => {
    const page = await stage({ ...small(), look: { off: [77], edits: { 99: "x" }, top: null } });
    expect(page.bench.sent).toEqual([]);
    expect(page.has(".rt-invitation")).toBe(true);
  });
});
