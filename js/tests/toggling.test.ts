import { describe, expect, it, vi } from "vitest";
import type { Probe } from "../contract";
import type { Sent, Workbench } from "../workbench";
import { example, small, stage } from "./stage";

const says = (page: Awaited<ReturnType<typeof stage>>) => ({
  surrogate: page.text(".rt-surrogate"),
  model: page.text(".rt-model"),
  gap: page.text(".rt-gap"),
});
const answer = (off: number[], value: number, edits: Record<string, string> = {}): { probe: Probe } => ({
  probe: { off, edits, outputs: [[value, 1 - value]] },
});
const questions = (bench: Workbench) =>
  bench.sent
    .filter((sent): sent is Extract<Sent, { verb: "probe" }> => sent.verb === "probe")
    .map(({ off }) => off);

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

describe("keys in the text", () => {
  it("move the one tab stop and toggle, and do not reach the notebook", async () => {
    const page = await stage(small());
    const reached = vi.fn();
    document.body.addEventListener("keydown", reached, { once: true });
    page.word("alpha").focus();
    await page.press(page.word("alpha"), "ArrowRight");
    expect(document.activeElement).toBe(page.word("beta"));
    expect(page.all(".rt-word").map((word) => word.tabIndex)).toEqual([-1, 0, -1, -1]);
    await page.press(page.word("beta"), " ");
    expect(page.bench.get("look").off).toEqual([1]);
    await page.press(page.word("beta"), "End", { ctrlKey: true });
    expect(document.activeElement).toBe(page.word("gamma"));
    await page.press(page.word("gamma"), "Enter");
    expect(page.bench.get("look").off).toEqual([1, 2]);
    await page.press(page.word("gamma"), "Home", { ctrlKey: true });
    expect(document.activeElement).toBe(page.all(".rt-word")[0]);
    expect(reached).not.toHaveBeenCalled();
    await page.press(page.word("alpha"), "x");
    expect(reached).toHaveBeenCalledOnce();
  });

  it("lead from a bar to its word", async () => {
    const page = await stage(small());
    const [, name] = page.all(".rt-name");
    await page.click(name as HTMLElement);
    expect(document.activeElement).toBe(page.word("beta"));
  });

  it("move among the bars' buttons, which are one tab stop too", async () => {
    const page = await stage(small());
    const buttons = page.all(".rt-row button");
    expect(buttons.map((button) => button.tabIndex)).toEqual([0, -1, -1, -1]);
    buttons[0]?.focus();
    await page.press(buttons[0] as HTMLElement, "ArrowDown");
    expect(document.activeElement).toBe(buttons[2]);
    await page.press(buttons[2] as HTMLElement, "ArrowRight");
    expect(document.activeElement).toBe(buttons[3]);
    expect(buttons.map((button) => button.tabIndex)).toEqual([-1, -1, -1, 0]);
  });
});

describe("hovering", () => {
  const over = (target: Element) => target.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));

  it("a word lights its bar and its other occurrences", async () => {
    const page = await stage(small());
    over(page.word("alpha"));
    await page.later(page.bench, {});
    expect(page.all(".rt-hot").map((lit) => lit.dataset.feature)).toEqual(["0", "0", "0"]);
    over(page.one(".rt-text"));
    await page.later(page.bench, {});
    expect(page.has(".rt-hot")).toBe(false);
  });

  it("a bar lights its words", async () => {
    const page = await stage(small());
    page.all(".rt-row")[1]?.dispatchEvent(new PointerEvent("pointerenter"));
    await page.later(page.bench, {});
    expect(page.word("beta").className).toContain("rt-hot");
    expect(page.word("alpha").className).not.toContain("rt-hot");
  });
});

describe("replacing a word", () => {
  it("by F2 and Enter asks about the edited text; the surrogate takes the old word for absent", async () => {
    const page = await stage(small());
    page.word("alpha").focus();
    await page.press(page.word("alpha"), "F2");
    const input = page.one(".rt-typing");
    expect(document.activeElement).toBe(input);
    await page.type(input, "omega");
    await page.press(input, "Enter");
    expect(page.bench.sent).toEqual([{ verb: "probe", id: 1, off: [], edits: { 0: "omega" } }]);
    expect(page.text(".rt-text")).toBe("omega beta, omega; gamma\n");
    expect(page.word("omega").title).toContain("in place of “alpha”");
    expect(page.text(".rt-surrogate")).toBe("0.40");
    expect(page.all(".rt-chip").map((chip) => chip.getAttribute("aria-label"))).toEqual([
      "put back alpha → omega",
    ]);
    expect(document.activeElement).toBe(page.word("omega"));
    await page.later(page.bench, answer([], 0.52, { 0: "omega" }));
    expect(says(page)).toEqual({ surrogate: "0.40", model: "0.52", gap: "gap 0.12" });
    await page.click(page.one(".rt-chip"));
    expect(page.text(".rt-text")).toBe("alpha beta, alpha; gamma\n");
  });

  it("is cancelled by Escape", async () => {
    const page = await stage(small());
    await page.press(page.word("beta"), "F2");
    await page.type(page.one(".rt-typing"), "omega");
    await page.press(page.one(".rt-typing"), "Escape");
    expect(page.has(".rt-typing")).toBe(false);
    expect(page.text(".rt-text")).toBe("alpha beta, alpha; gamma\n");
    expect(page.bench.sent).toEqual([]);
  });

  it("by nothing takes it away, by itself puts it back", async () => {
    const page = await stage(small());
    await page.press(page.word("beta"), "F2");
    await page.type(page.one(".rt-typing"), "");
    await page.press(page.one(".rt-typing"), "Enter");
    expect(page.bench.get("look")).toEqual({ off: [1], edits: {}, top: null });
    await page.press(page.word("beta"), "F2");
    await page.press(page.one(".rt-typing"), "Enter");
    expect(page.bench.get("look")).toEqual({ off: [], edits: {}, top: null });
  });

  it("by double click leaves the word as it was until something is typed", async () => {
    const page = await stage({ ...small(), look: { off: [], edits: { 1: "delta" }, top: null } });
    await page.doubleClick(page.word("delta"));
    expect(page.bench.get("look")).toEqual({ off: [], edits: { 1: "delta" }, top: null });
    expect((page.one(".rt-typing") as HTMLInputElement).value).toBe("delta");
    expect(questions(page.bench)).toHaveLength(1);
  });

  it("and then taking it away forgets what was typed", async () => {
    const page = await stage({ ...small(), look: { off: [], edits: { 1: "delta" }, top: null } });
    await page.click(page.word("delta"));
    expect(page.bench.get("look")).toEqual({ off: [1], edits: {}, top: null });
  });
});
