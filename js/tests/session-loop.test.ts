import { afterEach, describe, expect, it, vi } from "vitest";
import { treeOf } from "../session/tree";
import * as given from "./sessions";
import { small } from "./stage";

const { marked, sessionStage, trained } = given;
type Page = Awaited<ReturnType<typeof sessionStage>>;

async function submit(page: Page, because: string, scope?: string) {
  await page.type(page.one("[role=dialog] input"), because);
  const choice = scope && page.one(`[role=dialog] [value=${scope}]`);
  if (choice) (choice as HTMLInputElement).checked = true;
  await page.click(page.one("[role=dialog] [type=submit]"));
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("a mark", () => {
  it("is made on the opened instance with a reason and a scope", async () => {
    const page = await sessionStage(marked());
    await page.click(page.one('.rt-row[data-feature="1"] .rt-flag'));
    expect(page.texts(".rt-scopes label")).toEqual([
      " in every text",
      " where the label is yes",
      " in this text only",
    ]);
    await submit(page, " a sign-off ", "label");
    expect(page.sent()).toEqual([{ verb: "mark", features: [1], because: "a sign-off", scope: "label" }]);
    expect(page.has("[role=dialog]")).toBe(false);
  });

  it("holds everywhere unless another scope is chosen, and is taken back by its flag", async () => {
    const page = await sessionStage(marked());
    await page.click(page.one('.rt-row[data-feature="1"] .rt-flag'));
    await submit(page, "");
    await page.click(page.one('.rt-row[data-feature="0"] .rt-flag'));
    expect(page.sent()).toEqual([
      { verb: "mark", features: [1], because: "", scope: "everywhere" },
      { verb: "withdraw", features: [0] },
    ]);
  });

  it("of a picture without a vocabulary holds in this one, and the form says why", async () => {
    const page = await sessionStage(marked({ scene: given.scene({ everywhere: false, noun: "picture" }) }));
    await page.click(page.one('.rt-row[data-feature="1"] .rt-flag'));
    const disabled = (page.all("[type=radio]") as HTMLInputElement[]).map((radio) => radio.disabled);
    expect(disabled).toEqual([true, true, false]);
    expect(page.text(".rt-scopes p")).toContain("without a visual vocabulary");
    await submit(page, "snow");
    expect(page.sent()).toEqual([{ verb: "mark", features: [1], because: "snow", scope: "instance" }]);
  });

  it("is given another reason and scope, or is taken back, wherever it was made", async () => {
    const page = await sessionStage(marked());
    expect(page.texts(".rt-mark-line > span").slice(0, 3)).toEqual(["alpha", "everywhere", "a header"]);
    await page.press("edit the mark on alpha");
    expect((page.one("[role=dialog] input") as HTMLInputElement).value).toBe("a header");
    await submit(page, "a mail header", "instance");
    await page.click(page.one('[aria-label="take the mark on alpha back"]'));
    expect(page.sent()).toEqual([
      { verb: "mark", of: "marks", features: [0], because: "a mail header", scope: "instance" },
      { verb: "withdraw", of: "marks", features: [0] },
    ]);
  });

  it("is left alone by Escape and by Cancel", async () => {
    const page = await sessionStage(marked());
    await page.press("edit the mark on alpha");
    await page.key(page.one("[role=dialog] input"), "Escape");
    expect(page.has("[role=dialog]")).toBe(false);
    await page.press("edit the mark on alpha");
    await page.press("Cancel");
    expect(page.has("[role=dialog]")).toBe(false);
    expect(page.sent()).toEqual([]);
  });

  it("is found among 600 by its name or its reason", async () => {
    const marks = Array.from({ length: 600 }, (_, i) =>
      given.mark(`word ${i}`, { because: `reason ${i % 7}` }),
    );
    const page = await sessionStage(marked({ marks }));
    expect(page.all(".rt-mark-line")).toHaveLength(600);
    await page.type(page.one(".rt-filter"), "WORD 599");
    expect(page.texts(".rt-mark-name").slice(0, 1)).toEqual(["word 599"]);
    await page.click(page.one('[aria-label="take the mark on word 599 back"]'));
    expect(page.sent()).toEqual([{ verb: "withdraw", of: "marks", features: [599] }]);
    await page.type(page.one(".rt-filter"), "nothing like it");
    expect(page.text(".rt-marked-part .rt-none")).toBe("no mark is called so");
  });
});

describe("what travels with the marks", () => {
  it("is shown with its evidence, and marked one by one or all together", async () => {
    const page = await sessionStage(marked());
    expect(page.texts(".rt-evidence-said")).toEqual([
      "in 98 % of the same texts · at the same place",
      "in 91 %",
    ]);
    await page.click(page.one('[aria-label="mark NNTP too"]'));
    await page.press("Mark them all");
    const all = { verb: "mark", of: "suggestions", scope: "everywhere" };
    expect(page.sent()).toEqual([
      { ...all, features: [0], because: "in 98 % of the same texts" },
      { ...all, features: [0, 1], because: "travels with what is marked" },
    ]);
  });
});

describe("what a mark makes old", () => {
  const ledger = (...keys: string[]) => ({
    ledger: { retrust: "ledger", version: 1, marks: keys.map((key) => ({ key })) },
  });

  it("is not offered once more: what is marked meanwhile does not travel with the marks", async () => {
    const page = await sessionStage(marked());
    await page.tell({ marks: [given.mark("alpha"), given.mark("NNTP")], ...ledger("alpha", "NNTP") });
    expect(page.texts(".rt-siblings .rt-mark-name")).toEqual(["Host"]);
    await page.click(page.one('[aria-label="mark Host too"]'));
    expect(page.sent()).toMatchObject([{ verb: "mark", of: "suggestions", features: [1] }]);
    await page.tell(ledger("alpha", "NNTP", "Host"));
    expect(page.has(".rt-siblings")).toBe(false);
  });

  it("is dimmed until the plan is that of the marks, and can be run meanwhile", async () => {
    const page = await sessionStage(marked());
    const busy = () => page.one(".rt-planned").getAttribute("aria-busy");
    expect(busy()).toBe("false");
    await page.tell(ledger("alpha", "NNTP"));
    expect(busy()).toBe("true");
    expect(page.button("Retrain").disabled).toBe(false);
    await page.tell({ plan: given.plan({ touched: 413 }) });
    expect(busy()).toBe("false");
  });

  it("is as it was where the mark is taken back before a plan comes, or only its reason is another", async () => {
    const page = await sessionStage(marked());
    await page.tell(ledger("alpha", "NNTP"));
    await page.tell(ledger("alpha"));
    expect(page.one(".rt-planned").getAttribute("aria-busy")).toBe("false");
    await page.tell({ ledger: { marks: [{ key: "alpha", because: "a sign-off" }] } });
    expect(page.one(".rt-planned").getAttribute("aria-busy")).toBe("false");
  });
});

describe("marks as a file", () => {
  it("are handed to the browser without a network", async () => {
    const page = await sessionStage(marked());
    const kept: Blob[] = [];
    vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => `blob:${kept.push(blob as Blob)}`);
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
    const fetched = vi.spyOn(globalThis, "fetch");
    await page.press("Export");
    expect(JSON.parse((await kept[0]?.text()) ?? "")).toEqual(marked().ledger);
    expect((clicked.mock.contexts[0] as unknown as HTMLAnchorElement).download).toBe("marks.json");
    expect(fetched).not.toHaveBeenCalled();
  });

  it("are sent as the text that the file holds", async () => {
    const page = await sessionStage(marked());
    const input = page.one("[type=file]");
    const text = '{"retrust": "ledger"}';
    Object.defineProperty(input, "files", { value: [new File([text], "marks.json")] });
    input.dispatchEvent(new Event("change", { bubbles: true }));
    await vi.waitFor(() => expect(page.sent()).toEqual([{ verb: "import", marks: text }]));
    await page.tell({ status: given.status({ message: "no training row has Posting" }) });
    expect(page.text(".rt-told")).toBe("no training row has Posting");
  });
});

describe("the plan", () => {
  it("is said in words, with examples that unfold", async () => {
    const page = await sessionStage(marked());
    expect(page.text(".rt-planned")).toContain("Drop: one word leaves. preview");
    await page.press("preview");
    expect(page.text(".rt-examples > li")).toBe("1 of 412 texts that change");
    expect(page.one(".rt-examples").tabIndex).toBe(0);
    expect(page.texts(".rt-example")).toEqual(["○before: alpha here", "●after:  here"]);
    expect(page.sent()).toEqual([]);
  });

  it("shows pictures as pictures", async () => {
    const examples = [{ row: 1, before: { picture: "AAAA" }, after: { picture: "BBBB" } }];
    const page = await sessionStage(marked({ plan: given.plan({ examples }) }));
    await page.press("preview");
    expect(page.all(".rt-example img").map((image) => image.getAttribute("alt"))).toEqual([
      "before",
      "after",
    ]);
  });

  it("is asked for with another correction, which is then what runs", async () => {
    const page = await sessionStage(marked());
    await page.type(page.one(".rt-plan select"), "Swap", "change");
    expect(page.one(".rt-planned").getAttribute("aria-busy")).toBe("true");
    await page.tell({ plan: given.plan({ correction: "Swap", because: "" }) });
    expect(page.one(".rt-planned").getAttribute("aria-busy")).toBe("false");
    await page.press("Retrain");
    expect(page.sent()).toEqual([
      { verb: "preview", correction: "Swap" },
      { verb: "retrain", correction: "Swap" },
    ]);
  });

  it("that cannot be done says why, and cannot be run", async () => {
    const page = await sessionStage(marked({ plan: given.plan({ error: "nothing would be left" }) }));
    expect(page.text(".rt-plan-error")).toContain("nothing would be left");
    expect(page.button("Retrain").disabled).toBe(true);
  });

  it("can be undone, and it is said what that takes back", async () => {
    const page = await sessionStage(marked());
    expect(page.text(".rt-plan-buttons")).toBe("RetrainUndotakes back the mark on alpha");
    await page.press("Undo");
    expect(page.sent()).toEqual([{ verb: "undo" }]);
  });
});

describe("a training", () => {
  const status = given.status({
    phase: "retraining",
    done: 3,
    of: 40,
    message: "training",
    can: ["mark", "open"],
  });

  it("can be stopped, and leaves everything else usable meanwhile", async () => {
    const page = await sessionStage(marked({ status }));
    expect(page.text(".rt-plan .rt-progress")).toBe("training 3 of 40Stop");
    expect(page.button("Retrain").disabled).toBe(true);
    await page.click(page.word("beta"));
    expect(page.bench.get("look").off).toEqual([1]);
    await page.click(page.one('[aria-label="mark NNTP too"]'));
    await page.press("Stop");
    expect(page.sent().map((verb) => (verb as { verb: string }).verb)).toEqual(["mark", "stop"]);
  });

  it("that fails is said with its error, and the model that stays is named", async () => {
    const page = await sessionStage(marked());
    const error = { verb: "retrain", id: 1, message: "ValueError: one class" };
    await page.tell({ status: given.status({ error }) });
    expect(page.text(".rt-failure")).toContain("Training failed. ValueError: one class");
    expect(page.text(".rt-told")).toBe(
      "Training failed, the model is still “as given”. ValueError: one class ",
    );
    expect(page.button("Retrain").disabled).toBe(false);
  });

  it("shows figures as they come", async () => {
    const page = await sessionStage(marked());
    await page.tell({ changed: given.changed({ complete: false, measures: [given.measure()], gained: [] }) });
    expect(page.texts(".rt-measure > span:first-child")).toEqual(["held out"]);
    expect(page.text(".rt-changed")).toContain("measuring the rest…");
    expect(page.text(".rt-changed")).not.toContain("turned");
    const reliance = given.measure({ name: "reliance", label: "reliance", better: "down" });
    await page.tell({ changed: given.changed({ measures: [given.measure(), reliance] }) });
    expect(page.all(".rt-measure")).toHaveLength(2);
    expect(page.text(".rt-changed")).not.toContain("measuring");
  });
});

describe("what changed", () => {
  const line = async (change: object) => {
    const page = await sessionStage(
      trained({ changed: given.changed({ measures: [given.measure(change)] }) }),
    );
    const [, figures, difference] = page.all(".rt-measure .rt-figures, .rt-measure .rt-unseen").map((e) => e);
    return {
      page,
      figures: page.text(".rt-measure .rt-figures"),
      tone: figures?.className,
      said: difference,
    };
  };

  it("says a fall as plainly as a rise, each in its colour and in words", async () => {
    const fall = await line({});
    expect([fall.figures, fall.tone]).toEqual(["93.4 → 91.2", "rt-figures rt-difference rt-down"]);
    expect(fall.said?.textContent).toBe(
      "93.4 before, 91.2 after, worse; accuracy, 717 texts; 95 % interval of the difference −3.6 to −0.8; p = 0.004",
    );
    const rise = await line({ before: 0.912, after: 0.934, low: 0.008, high: 0.036 });
    expect([rise.figures, rise.tone]).toEqual(["91.2 → 93.4", "rt-figures rt-difference rt-up"]);
    expect(rise.said?.textContent).toContain("better");
  });

  it("knows that reliance and errors are better when they fall", async () => {
    const reliance = await line({
      name: "reliance",
      better: "down",
      before: 0.38,
      after: 0,
      low: -0.5,
      high: -0.3,
    });
    expect([reliance.figures, reliance.tone]).toEqual(["38.0 → 0.0", "rt-figures rt-difference rt-up"]);
    const error = await line({
      of: "mean error",
      better: "down",
      before: 12,
      after: 14,
      low: 1,
      high: 3,
      p: null,
    });
    expect([error.figures, error.tone]).toEqual(["12.0 → 14.0", "rt-figures rt-difference rt-down"]);
  });

  it("draws before, after and the interval on one line", async () => {
    const { page } = await line({ before: 0.5, after: 0.7, low: 0.1, high: 0.25 });
    expect(page.all(".rt-measure .rt-line-track > *").map((part) => part.getAttribute("style"))).toEqual([
      "left: 60%; width: 15%;",
      "left: 50%; width: 20%;",
      "left: 50%;",
      "left: 70%;",
    ]);
  });

  it("says where chance alone could bring it, and leaves out what is not known", async () => {
    const { page } = await line({ low: -0.03, high: 0.01, auc: { before: 0.98, after: 0.97 } });
    expect(page.text(".rt-changed")).toContain("? chance alone could bring this");
    expect(page.one(".rt-measure").title).toContain("AUC 0.98 → 0.97");
    const same = await line({ before: 0.9, after: 0.9, low: -0.03, high: 0.01 });
    expect(same.page.text(".rt-changed")).not.toContain("chance alone");
    const bare = await line({ before: null, low: null, high: null, p: null });
    expect(bare.figures).toBe("– → 91.2");
    expect(bare.page.all(".rt-measure .rt-line-track > *")).toHaveLength(1);
  });

  it("counts the predictions that turned, and unfolds them", async () => {
    const page = await sessionStage(trained());
    expect(page.text(".rt-changed-which")).toBe("drop 2 against as given, trained in 3.1 s in a process");
    expect(page.text(".rt-changed")).toContain("41 of 717 predictions turned");
    await page.press("which");
    expect(page.texts(".rt-turned li")).toEqual(["A noteyes → no · right now", "the first 1 of them"]);
  });

  it("says nothing of turned predictions where two distant revisions are compared", async () => {
    const change = { number: 1, against: 2, turned: [], turned_count: 0, seconds: null };
    const page = await sessionStage(trained({ changed: given.changed(change) }));
    expect(page.text(".rt-changed-which")).toBe("drop 2 against revision 2");
    expect(page.text(".rt-changed")).not.toContain("turned");
  });

  it("has a flag on what grew, which marks it or takes the mark back", async () => {
    const page = await sessionStage(trained());
    expect(page.text(".rt-grew")).toBe("rutgers0.02 → 0.09");
    await page.click(page.one(".rt-grew .rt-flag"));
    expect(page.has(".rt-scopes")).toBe(false);
    await submit(page, "a place");
    await page.tell({ marks: [given.mark("alpha"), given.mark("rutgers")] });
    await page.click(page.one(".rt-grew .rt-flag"));
    expect(page.sent()).toEqual([
      { verb: "mark", of: "gained", features: [0], because: "a place", scope: "everywhere" },
      { verb: "withdraw", of: "marks", features: [1] },
    ]);
  });
});

describe("the history", () => {
  const revisions = [
    given.revision(0),
    given.revision(1),
    given.revision(2, { parent: 1 }),
    given.revision(3),
  ];

  it("goes on in its line, and branches below", () => {
    const { spots, links, depth, lanes } = treeOf(revisions);
    expect(spots.map((spot) => [spot.depth, spot.lane])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [1, 1],
    ]);
    expect([links.length, depth, lanes]).toEqual([3, 2, 2]);
  });

  it("goes to another revision by a click, and not to the one that is shown or while it trains", async () => {
    const page = await sessionStage(trained({ revisions }));
    const [first, second] = page.all(".rt-node") as [HTMLElement, HTMLElement];
    expect(first.textContent).toBe("as given93.4 %, 0 marks");
    expect(second.getAttribute("aria-current")).toBe("true");
    await page.click(second);
    await page.click(first);
    expect(page.sent()).toEqual([{ verb: "go", revision: 0 }]);
    await page.tell({ status: given.status({ phase: "retraining" }) });
    await page.click(first);
    expect(page.sent()).toHaveLength(1);
  });

  it("gives the one that is shown another name", async () => {
    const page = await sessionStage(trained());
    const input = page.one(".rt-history input");
    await page.type(input, "  headers gone ", "change");
    await page.type(input, "  ", "change");
    expect(page.sent()).toEqual([{ verb: "name", revision: 1, name: "headers gone" }]);
  });

  it("compares any two", async () => {
    const page = await sessionStage(trained({ revisions }));
    const [a, b] = page.all(".rt-contrast select") as [HTMLSelectElement, HTMLSelectElement];
    expect([a.value, b.value]).toEqual(["0", "1"]);
    a.value = "2";
    b.value = "3";
    await page.press("Compare");
    expect(page.sent()).toEqual([{ verb: "contrast", a: 2, b: 3 }]);
  });

  it("compares what was given with the latest, where the first is shown", async () => {
    const page = await sessionStage(trained({ current: 0 }));
    expect((page.all(".rt-contrast select") as HTMLSelectElement[]).map(({ value }) => value)).toEqual([
      "0",
      "1",
    ]);
  });

  it("dims the figures of another revision until those of the shown one have come", async () => {
    const page = await sessionStage(marked({ revisions: [given.revision(0), given.revision(1)] }));
    const busy = () => page.one(".rt-standing").getAttribute("aria-busy");
    await page.tell({ current: 1 });
    expect([page.text(".rt-standing"), busy()]).toEqual([
      "drop 2accuracy 93.4 %can be trusted 81.0 %",
      "true",
    ]);
    await page.tell({ standing: { accuracy: 0.912, trust: 0.9 } });
    expect(busy()).toBe("false");
  });

  it("dims nothing where the shown revision does as well as the one before", async () => {
    const same = given.revision(1, { figure: 0.934 });
    const page = await sessionStage(marked({ revisions: [given.revision(0), same] }));
    await page.tell({ current: 1 });
    expect(page.one(".rt-standing").getAttribute("aria-busy")).toBe("false");
  });

  it("says of what was read from a file that its model is not here", async () => {
    const page = await sessionStage(
      trained({ revisions: [given.revision(0), given.revision(1, { model: false })] }),
    );
    expect(page.text(".rt-doubt")).toContain("read from its file");
    expect(page.text('.rt-node[aria-current="true"]')).toContain("its model is not here");
  });
});

describe("numbers instead of classes", () => {
  it("are judged by their mean error", async () => {
    const page = await sessionStage(
      marked({
        scene: given.scene({ classes: ["price"], scale: "score" }),
        instance: { ...small().scene, classes: ["price"], scale: "score", row: 53 },
        standing: { error: 12.34, trust: null },
        revisions: [given.revision(0, { figure: 12.34 })],
      }),
    );
    expect(page.text(".rt-standing")).toBe("as givenmean error 12.3");
    expect(page.text(".rt-item-facts")).toBe("price 0.800 · adds 31\u00a0%");
  });
});
