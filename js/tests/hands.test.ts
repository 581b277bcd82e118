import { describe, expect, it, vi } from "vitest";
import { answer, questions, says, small, stage } from "./stage";

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
    await page.press(page.word("alpha"), "s", { ctrlKey: true });
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
