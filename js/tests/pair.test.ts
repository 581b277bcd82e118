import { describe, expect, it } from "vitest";
import type { Weight } from "../contract";
import { difference, likeness, linesOf, tally, turned } from "../pair/compare";
import { MODELS, pairStage, pairState, readings } from "./pair-stage";
import { questions, small } from "./stage";
import { row } from "./tables";

describe("two lists of reasons", () => {
  const a: Weight[] = [
    [0, 0.3, null],
    [1, -0.1, null],
  ];
  const b: Weight[] = [
    [1, 0.4, null],
    [2, 0.05, null],
  ];

  it("are laid on common lines, the largest first", () => {
    expect(linesOf([a, b])).toEqual([
      { feature: 1, weights: [a[1], b[0]] },
      { feature: 0, weights: [a[0], undefined] },
      { feature: 2, weights: [undefined, b[1]] },
    ]);
  });

  it("are counted: shared, turned, alike", () => {
    expect(tally(a, b)).toEqual({
      shared: 1,
      of: 3,
      turned: 1,
      cosine: expect.closeTo(-0.04 / Math.sqrt(0.1 * 0.1625), 9),
    });
    expect(tally(a, a)).toEqual({ shared: 2, of: 2, turned: 0, cosine: expect.closeTo(1, 9) });
    expect(tally(a, [])).toEqual({ shared: 0, of: 2, turned: 0, cosine: null });
    expect([turned(a[1], b[0]), turned(a[0], b[0]), turned(a[0], undefined)]).toEqual([true, false, false]);
  });

  it("are compared in plain words", () => {
    expect([1, 0.6, 0, -0.8, null].map(likeness)).toEqual([
      "much alike",
      "partly alike",
      "hardly alike",
      "opposed",
      "nothing to compare",
    ]);
  });

  it("have a difference: what the second gives more", () => {
    const [first, second] = readings();
    if (!first || !second) throw new Error("two readings");
    const apart = difference({ ...first, weights: a, doubt: "a poor fit" }, { ...second, weights: b });
    expect(apart.weights.map(([id, weight]) => [id, Number(weight.toFixed(6))])).toEqual([
      [1, 0.5],
      [0, -0.3],
      [2, 0.05],
    ]);
    expect(apart.doubt).toBe("a poor fit");
    expect(difference(first, first).weights).toEqual([]);
  });
});

describe("the list", () => {
  it("has each model's answer, right or wrong, and whether they agree", async () => {
    const page = await pairStage();
    expect(page.text(".rt-pair-top")).toContain("2 models on the same 3 texts – answers differ on 1");
    expect(page.items().map((item) => item.textContent)).toEqual([
      "0 An old letterwith headers: yes 0.90 ✓ rightcleaned: yes 0.90 ✓ right= same answer · 50 % shared",
      "1 A replywith headers: yes 0.90 ✗ wrongcleaned: no 0.90 ✓ right≠ answers differ · 50 % shared · ⇄ 1 changed sign",
      "2 A notewith headers: no 0.90cleaned: no 0.90= same answer",
    ]);
    const heads = page.all(".rt-pair-list > .rt-pair-columns > span").map((head) => head.textContent);
    expect(heads).toEqual(["with headers 1 of 2 right", "cleaned 2 of 2 right"]);
    expect(page.items().map((item) => item.getAttribute("aria-current"))).toEqual(["false", "true", "false"]);
  });

  it("is sorted by disagreement: answers first, then reasons", async () => {
    const page = await pairStage();
    await page.type(page.one(".rt-pair-tools select"), "disagreement", "change");
    expect(page.titles()).toEqual(["A reply", "A note", "An old letter"]);
    await page.type(page.one(".rt-pair-tools select"), "given", "change");
    expect(page.titles()).toEqual(["An old letter", "A reply", "A note"]);
  });

  it("is searched by title and by what changed sign", async () => {
    const page = await pairStage();
    const seek = (text: string) => page.type(page.one("input[type=search]"), text);
    await seek("LETTER");
    expect(page.titles()).toEqual(["An old letter"]);
    await seek("beta");
    expect(page.titles()).toEqual(["A reply"]);
    await seek("nowhere");
    expect(page.text(".rt-pair-rows")).toBe("nothing is called so");
  });

  it("is one tab stop, walked by arrows", async () => {
    const page = await pairStage();
    expect(page.items().map((item) => item.tabIndex)).toEqual([-1, 0, -1]);
    const [first, second, third] = page.items() as [HTMLElement, HTMLElement, HTMLElement];
    second.focus();
    await page.press(second, "ArrowDown");
    expect(document.activeElement).toBe(third);
    await page.press(third, "Home");
    expect(document.activeElement).toBe(first);
  });

  it("tells how far apart the answers of a single output are", async () => {
    const state = pairState();
    const [answer, ...rest] = state.scene.instances[1]?.answers ?? [];
    const apart = { answers: [{ target: 0, prediction: 0.2 }, ...rest], label: null };
    const instances = state.scene.instances.map((one, i) => ({ ...one, ...(i === 1 && apart) }));
    const page = await pairStage({ ...state, scene: { ...state.scene, classes: ["price"], instances } });
    expect(answer).toBeDefined();
    expect(page.all(".rt-pair-agree").map((words) => words.textContent)).toEqual([
      "0.00 apart · 50 % shared",
      "0.70 apart · 50 % shared · ⇄ 1 changed sign",
      "0.00 apart",
    ]);
    await page.type(page.one(".rt-pair-tools select"), "disagreement", "change");
    expect(page.titles()[0]).toBe("A reply");
  });
});

describe("what is open", () => {
  it("has the reasons of both on common lines, one axis and common digits", async () => {
    const page = await pairStage();
    expect(page.lines()).toEqual([
      { name: "alpha", note: "", values: ["for yes +0.300 ±.02", "for yes +0.200"] },
      { name: "beta", note: "⇄ changed sign", values: ["against yes −0.100", "for yes +0.100"] },
      { name: "gamma", note: "", values: ["not among its reasons0", "against yes −0.050"] },
    ]);
    const widths = page.all(".rt-axis i").map((bar) => Number.parseFloat(bar.style.width));
    const end = 0.3 + 1.96 * 0.01;
    expect(widths.map((width) => width.toFixed(3))).toEqual(
      [0.3, 0.2, 0.1, 0.1, 0.05].map((weight) => ((50 * weight) / end).toFixed(3)),
    );
    expect(page.all(".rt-pair-zero")).toHaveLength(1);
  });

  it("has each model's verdict and fit above its column, and the truth", async () => {
    const page = await pairStage();
    expect(page.all(".rt-pair-head").map((head) => head.textContent)).toEqual([
      "with headers ✗ wrongyes0.80no0.20local fit R² 0.90",
      "cleaned ✓ rightyes0.40no0.60local fit R² 0.60",
    ]);
    expect(page.text(".rt-pair-truth")).toBe("in truth no");
    expect(page.text(".rt-pair-heading")).toBe("A reply");
  });

  it("is summed up", async () => {
    const page = await pairStage();
    expect(page.text(".rt-pair-summary")).toBe(
      "They share 2 of 3 reasons⇄ 1 changed signweights partly alike, cosine 0.690",
    );
  });

  it("makes only the doubtful column look unsure, and says whose it is", async () => {
    const [first, second] = readings();
    const page = await pairStage({ ...pairState(), readings: [first, { ...second, doubt: "a poor fit" }] });
    expect(page.text(".rt-doubt")).toBe("cleaned: a poor fit");
    expect(page.all(".rt-pair-cell").map((cell) => cell.classList.contains("rt-doubtful"))).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  it("is read again for another class, for both", async () => {
    const page = await pairStage();
    await page.type(page.one(".rt-aim select"), "1", "change");
    expect(page.bench.sent).toEqual([{ verb: "aim", id: 1, target: 1, n_features: 2 }]);
    expect(page.one(".rt-pair-reasons").getAttribute("aria-busy")).toBe("true");
    const other = readings().map((reading) => ({ ...reading, target: 1 }));
    await page.later(page.bench, { readings: other });
    expect(page.one(".rt-pair-reasons").getAttribute("aria-busy")).toBe("false");
    expect(page.lines()[1]?.values).toEqual(["against no −0.100", "for no +0.100"]);
  });

  it("is marked by the flag of its line", async () => {
    const page = await pairStage();
    await page.click(page.one(".rt-flag"));
    page.one("form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    expect(page.bench.sent).toEqual([
      { verb: "mark", id: 1, features: [0], scope: "everywhere", because: "" },
    ]);
    const mark = { name: "alpha", scope: "everywhere" as const, because: "a header", features: [0] };
    await page.later(page.bench, { marks: [mark] });
    expect(page.text(".rt-mark-name")).toBe("alpha");
    expect(page.word("alpha").className).toContain("rt-marked");
  });

  it("finds a line's word in the text", async () => {
    const page = await pairStage();
    await page.click(page.all(".rt-name")[2] as HTMLElement);
    expect(document.activeElement).toBe(page.word("gamma"));
  });
});

describe("a trial", () => {
  it("is asked once, and answered by both models and both surrogates", async () => {
    const page = await pairStage();
    expect(page.says()).toEqual([
      "with headerssurrogate says 0.70model says 0.80gap 0.10",
      "cleanedsurrogate says 0.35model says 0.40gap 0.05",
    ]);
    await page.click(page.word("alpha"));
    expect(questions(page.bench)).toEqual([[0]]);
    expect(page.says()).toEqual([
      "with headerssurrogate says 0.40model says 0.80asking…",
      "cleanedsurrogate says 0.15model says 0.40asking…",
    ]);
    expect(page.all(".rt-pair-say .rt-stale")).toHaveLength(2);
    const outputs = [
      [0.42, 0.58],
      [0.25, 0.75],
    ];
    await page.later(page.bench, { probe: { off: [0], edits: {}, outputs } });
    expect(page.says()).toEqual([
      "with headerssurrogate says 0.40model says 0.42gap 0.02",
      "cleanedsurrogate says 0.15model says 0.25gap 0.10",
    ]);
    expect(page.text(".rt-foot [role=status]")).toBe(
      "without alpha: with headers: surrogate says 0.40, model says 0.42; cleaned: surrogate says 0.15, model says 0.25",
    );
    expect(page.one(".rt-row").className).toContain("rt-off");
  });

  it("lives on when another model's reasons are shown, unasked", async () => {
    const page = await pairStage();
    await page.click(page.word("alpha"));
    await page.later(page.bench, { probe: { off: [0], edits: {}, outputs: [[0.42], [0.25]] } });
    await page.click(page.named("cleaned"));
    await page.click(page.named("difference"));
    expect(page.word("alpha").getAttribute("aria-pressed")).toBe("true");
    expect(questions(page.bench)).toEqual([[0]]);
    expect(page.says()[1]).toBe("cleanedsurrogate says 0.15model says 0.25gap 0.10");
  });

  it("says of a failure that no answer came, once", async () => {
    const page = await pairStage();
    await page.click(page.word("alpha"));
    const error = { verb: "probe", id: 1, message: "ValueError: no" };
    await page.later(page.bench, { status: { ...pairState().status, phase: "idle", error } });
    expect(page.all(".rt-failure")).toHaveLength(1);
    expect(page.text(".rt-failure")).toContain("The model did not answer. ValueError: no");
    expect(page.says()[1]).toBe("cleanedsurrogate says 0.15model says 0.40no answer");
  });
});

describe("the reasons in the text", () => {
  const dressed = (page: Awaited<ReturnType<typeof pairStage>>) =>
    ["alpha", "beta", "gamma"].map((name) => {
      const { classList } = page.word(name);
      return classList.contains("rt-for") ? "for" : classList.contains("rt-against") ? "against" : "";
    });

  it("are the first's, the second's, or the difference", async () => {
    const page = await pairStage();
    expect(dressed(page)).toEqual(["for", "against", ""]);
    await page.click(page.named("cleaned"));
    expect(dressed(page)).toEqual(["for", "for", "against"]);
    await page.click(page.named("difference"));
    expect(dressed(page)).toEqual(["against", "for", "against"]);
    expect(page.named("difference").getAttribute("aria-pressed")).toBe("true");
    expect(page.text(".rt-pair-lens")).toContain(
      "cleaned minus with headers: blue and straight where cleaned gives more to yes",
    );
  });

  it("are told for what they are to those who listen, and the classes keep their names", async () => {
    const page = await pairStage();
    await page.click(page.named("difference"));
    expect(page.word("beta").getAttribute("aria-label")).toBe(
      "beta, for yes (cleaned minus with headers) +0.200, present",
    );
    expect(page.all(".rt-aim option").map((option) => option.textContent)).toEqual(["yes", "no"]);
  });
});

describe("a row of a table", () => {
  const state = pairState();
  const [first, second] = state.readings;
  const open = () =>
    pairStage({
      ...state,
      scene: { ...state.scene, unit: "table" },
      instance: { ...row().scene, row: 1 },
      readings: [first, second],
    });

  it("has its columns in lines with one model's weights, and those of both below", async () => {
    const page = await open();
    expect(page.text(".rt-pair-top")).toContain("2 models on the same 3 rows");
    const line = page.one(".rt-cols [data-column='0']");
    expect(line.querySelector(".rt-value")?.textContent).toBe("for yes +0.300 ±.02");
    expect(page.lines()[0]).toMatchObject({
      name: "30 < age ≤ 40",
      values: ["for yes +0.300 ±.02", "for yes +0.200"],
    });
    await page.click(page.named("cleaned"));
    expect(page.text(".rt-cols [data-column='0'] .rt-value")).toBe("for yes +0.200");
  });

  it("is tried once for both", async () => {
    const page = await open();
    await page.type(page.one(".rt-typed"), "50", "change");
    expect(page.says().map((said) => said?.replace(/model says.*/, ""))).toEqual([
      "with headerssurrogate says 0.40",
      "cleanedsurrogate says 0.15",
    ]);
  });
});

describe("without names", () => {
  const hidden = (page: Awaited<ReturnType<typeof pairStage>>) =>
    MODELS.filter((name) => page.el.outerHTML.includes(name));

  it("nothing on the page, spoken or in a tooltip, tells which is which", async () => {
    const page = await pairStage();
    await page.click(page.named("Hide which is which"));
    expect(page.bench.get("look")).toEqual({ off: [], edits: {}, top: null, blind: true });
    expect(hidden(page)).toEqual([]);
    await page.click(page.named("second"));
    await page.click(page.named("difference"));
    await page.click(page.word("alpha"));
    await page.click(page.one(".rt-flag"));
    await page.later(page.bench, {
      readings: readings().map((reading) => ({ ...reading, doubt: "a poor fit" })),
      probe: { off: [0], edits: {}, outputs: [[0.4], [0.2]] },
    });
    expect(hidden(page)).toEqual([]);
    expect(page.word("beta").getAttribute("aria-label")).toContain("(second minus first)");
  });

  it("the models stand in the order of the scene, their figures with them", async () => {
    const page = await pairStage({ ...pairState(), look: { ...small().look, blind: true } });
    expect(page.all(".rt-pair-head").map((head) => head.textContent)).toEqual([
      "first ✓ rightyes0.40no0.60local fit R² 0.60",
      "second ✗ wrongyes0.80no0.20local fit R² 0.90",
    ]);
    expect(page.lines()[2]?.values).toEqual(["against yes −0.050", "not among its reasons0"]);
    await page.click(page.word("alpha"));
    await page.later(page.bench, { probe: { off: [0], edits: {}, outputs: [[0.42], [0.25]] } });
    expect(page.says()).toEqual([
      "firstsurrogate says 0.15model says 0.25gap 0.10",
      "secondsurrogate says 0.40model says 0.42gap 0.02",
    ]);
  });

  it("the same button shows them again, and a trial keeps what was chosen", async () => {
    const page = await pairStage({ ...pairState(), look: { ...small().look, blind: true } });
    await page.click(page.word("alpha"));
    expect(page.bench.get("look").blind).toBe(true);
    await page.click(page.named("Hide which is which"));
    expect(page.bench.get("look")).toEqual({ off: [0], edits: {}, top: null, blind: false });
    expect(page.all(".rt-pair-head b").map((name) => name.textContent)).toContain("with headers");
  });
});
