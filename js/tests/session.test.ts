import axe from "axe-core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { readings } from "./pair-stage";
import * as given from "./sessions";
import { handsOn, settled, small } from "./stage";

const { fresh, marked, sessionStage, trained } = given;
const STATES = { fresh, marked, trained, hostile: given.hostile };

describe("a first visit", () => {
  it("leads from step to step with a sentence each while nothing is there", async () => {
    const page = await sessionStage(fresh());
    expect(page.texts(".rt-step")).toEqual([
      "1 Read next, by coverage",
      "2 Marked as untrustworthy ",
      "3 Retrain",
      "4 What changed ",
      " History",
    ]);
    expect(page.all(".rt-lead")).toHaveLength(5);
    expect(page.button("Retrain").disabled).toBe(true);
    expect(page.text(".rt-opened")).toContain("What you open is shown here");
    expect(page.text(".rt-standing")).toBe("as givenaccuracy 93.4 %");
  });

  it("asks for as many as are wanted, and shows how far the search is", async () => {
    const page = await sessionStage(fresh());
    await page.type(page.one(".rt-again input"), "4");
    await page.press("Find what to read");
    expect(page.sent()).toEqual([{ verb: "next", budget: 4 }]);
    await page.tell({
      status: given.status({ phase: "sampling", done: 40, of: 200, message: "explaining" }),
    });
    expect(page.text(".rt-next .rt-progress")).toContain("explaining 40 of 200");
    await page.press("Stop");
    expect(page.sent().at(-1)).toEqual({ verb: "stop" });
  });

  it("asks for as many again as were picked, whenever they come", async () => {
    const page = await sessionStage(fresh());
    expect((page.one(".rt-again input") as HTMLInputElement).value).toBe("10");
    await page.tell({ picked: given.picked });
    expect((page.one(".rt-again input") as HTMLInputElement).value).toBe("2");
    await page.press("Pick again");
    expect(page.sent()).toEqual([{ verb: "next", budget: 2 }]);
  });

  it("says where the number is not known only what is done", async () => {
    const page = await sessionStage(marked({ status: given.status({ phase: "retraining" }) }));
    expect(page.text(".rt-plan .rt-progress > span")).toBe("retraining ");
  });
});

describe("what to read next", () => {
  it("says answer, truth, gain, whether it was read and whether it turns", async () => {
    const page = await sessionStage(marked());
    expect(page.texts(".rt-item-title")).toEqual(["53 · Darwin fish ✓read", "7 · Easter"]);
    expect(page.texts(".rt-item-facts")).toEqual([
      "yes 0.80 · right · adds 31\u00a0%",
      "no 0.80 · wrong, it is yes · adds 14\u00a0%",
    ]);
    expect(page.texts(".rt-item-turns")).toEqual(["⤺ turns without what you marked, says the surrogate"]);
    expect(page.text("figcaption")).toBe("2 texts show 45 % of what the model uses");
  });

  it("shows a glance of each: a picture, or words around the strongest", async () => {
    const items = [
      given.item({ glance: { picture: "UklGRg==" } }),
      given.item({
        row: 2,
        glance: {
          pieces: [
            ["by ", -1],
            ["alpha", 0],
          ],
        },
      }),
    ];
    const page = await sessionStage(fresh({ picked: { ...given.picked, items } }));
    expect(page.one(".rt-item img").getAttribute("src")).toBe("data:image/webp;base64,UklGRg==");
    expect(page.text(".rt-item-glance")).toBe("by alpha");
    expect(page.text(".rt-item-glance u")).toBe("alpha");
  });

  it("opens one by a click and shows that it is awaited; arrows move among them", async () => {
    const page = await sessionStage(marked());
    const [first, second] = page.all(".rt-item") as [HTMLElement, HTMLElement];
    first.focus();
    await page.key(first, "ArrowDown");
    expect(document.activeElement).toBe(second);
    await page.click(second);
    expect(page.sent()).toEqual([{ verb: "open", row: 7 }]);
    expect(second.getAttribute("aria-busy")).toBe("true");
    expect(page.one(".rt-opened").getAttribute("aria-busy")).toBe("true");
    await page.tell({ instance: { ...small().scene, row: 7 } });
    expect(second.getAttribute("aria-current")).toBe("true");
    expect(page.text(".rt-opened-title")).toBe("7 · Easter");
  });
});

describe("the opened instance", () => {
  it("is read by the one model before a training, and by both side by side after it", async () => {
    const page = await sessionStage(marked());
    expect(page.texts(".rt-pair-head .rt-pair-name b")).toEqual(["model"]);
    expect(page.has(".rt-pair-lens")).toBe(false);
    expect(page.has(".rt-pair-summary")).toBe(false);
    await page.tell({ readings: readings(["before", "after"]) });
    expect(page.texts(".rt-pair-head .rt-pair-name b")).toEqual(["before", "after"]);
    expect(page.one('.rt-segment[aria-pressed="true"]').textContent).toBe("after");
    expect(page.text(".rt-pair-truth")).toBe("in truth yes");
  });

  it("keeps what the reader is doing when only what is said of it changes", async () => {
    const page = await sessionStage(marked());
    await page.click(page.word("beta"));
    const word = page.word("beta");
    await page.tell({
      instance: { ...small().scene, row: 53, trust: { surrogate: false, model: null } },
      readings: [...small().readings],
    });
    expect(page.word("beta")).toBe(word);
    expect(page.word("beta").getAttribute("aria-pressed")).toBe("true");
  });

  it("says whether the prediction stays, by the surrogate at once and by the model when asked", async () => {
    const page = await sessionStage(marked());
    expect(page.text(".rt-trust")).toBe(
      "Without the marked features this prediction stays, says the surrogate. ask the model",
    );
    await page.press("ask the model");
    expect(page.sent()).toEqual([{ verb: "trust" }]);
    expect(page.button("asking…").getAttribute("aria-disabled")).toBe("true");
    const answered = { ...small().scene, row: 53, trust: { surrogate: true, model: false } };
    await page.tell({ instance: answered });
    expect(page.text(".rt-trust")).toContain("It would turn, says the model.");
    expect(page.has(".rt-trust button")).toBe(false);
    await page.tell({ instance: { ...answered, trust: { surrogate: null, model: null } } });
    expect(page.text(".rt-trust")).toContain("may stay or turn, says the surrogate");
  });

  it("says that asking failed, and can be asked again", async () => {
    const page = await sessionStage(marked());
    await page.press("ask the model");
    const error = { verb: "trust", id: 1, message: "MemoryError" };
    await page.tell({ status: given.status({ error }) });
    expect(page.text(".rt-failure")).toContain("Asking the model failed. MemoryError");
    expect(page.button("ask the model").getAttribute("aria-disabled")).toBe("false");
  });

  it("says nothing of trust while nothing is marked", async () => {
    const page = await sessionStage(marked({ marks: [] }));
    expect(page.has(".rt-trust")).toBe(false);
  });

  it("has its title from itself where it is not among the picked", async () => {
    const page = await sessionStage(
      marked({ instance: { ...small().scene, row: 9, title: "A note", label: 1 } }),
    );
    expect(page.text(".rt-opened-title")).toBe("9 · A note");
    expect(page.text(".rt-pair-truth")).toBe("in truth no");
  });
});

describe("names that would do harm", () => {
  beforeEach(() => {
    Reflect.deleteProperty(window, "hurt");
  });

  it("are text wherever they stand", async () => {
    const page = await sessionStage(given.hostile());
    for (const name of ["preview", "which"]) await page.press(name);
    await page.click(page.one(".rt-grew .rt-flag"));
    expect(page.all("[src=x]")).toEqual([]);
    expect(Reflect.get(window, "hurt")).toBeUndefined();
    expect(page.text(".rt-measure > span")).toContain("<img");
  });
});

describe("axe finds nothing", () => {
  const rules = { "color-contrast": { enabled: false } };
  const cases = Object.keys(STATES).flatMap((name) => [[name, "light"] as const, [name, "dark"] as const]);
  it.each(cases)("%s, %s", async (name, theme) => {
    document.body.className = theme;
    const page = await sessionStage(STATES[name as keyof typeof STATES]());
    expect(page.one(".rt").classList.contains("rt-dark")).toBe(theme === "dark");
    for (const link of page.all("[aria-expanded=false]")) await page.click(link);
    const [edit] = page.all(".rt-mark-acts button");
    if (edit) await page.click(edit);
    const { violations, passes } = await axe.run(page.el, { rules });
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(passes.length).toBeGreaterThan(10);
    document.body.className = "";
  });
});

describe("a session's page that stands alone", () => {
  it("shows everything and asks for nothing; marks can still be taken along", async () => {
    const data = document.createElement("script");
    data.type = "application/json";
    data.id = "retrust-state";
    data.textContent = JSON.stringify(trained()).replaceAll("<", "\\u003c");
    const root = document.createElement("div");
    root.id = "retrust";
    document.body.append(data, root);
    vi.resetModules();
    await import("../page-session");
    await settled();
    const page = handsOn(root);
    expect(page.all(".rt-step")).toHaveLength(7);
    expect(page.text(".rt-measure .rt-figures")).toBe("93.4 → 91.2");
    const buttons = page.all("button").filter((button) => !button.closest(".rt-pair"));
    const left = buttons.filter((button) => button.getAttribute("aria-disabled") !== "true");
    expect(left.map(({ textContent }) => textContent)).toEqual(["Export", "preview", "which"]);
    expect(page.has(".rt-contrast")).toBe(false);
    expect(page.has("[type=file]")).toBe(false);
    await page.click(page.word("alpha"));
    expect(page.text(".rt-answers")).toContain("model not attached");
  });
});

describe("the end of a view", () => {
  it("leaves nothing that listens", async () => {
    const page = await sessionStage(trained());
    expect(page.bench.listeners).toBeGreaterThan(10);
    page.end();
    expect(page.bench.listeners).toBe(0);
  });
});
