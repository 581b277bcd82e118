import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BLANK } from "../contract";
import { MODELS, pairScene, pairStage, pairState, readings } from "./pair-stage";
import { decodes } from "./pictures";
import { again, example, handsOn, settled, small } from "./stage";

afterEach(() => {
  vi.useRealTimers();
  document.body.removeAttribute("data-jp-theme-light");
});

const opened = (row: number) => ({ instance: { ...small().scene, row }, readings: readings() });

describe("a panel", () => {
  it("opens another instance without asking the model, and shows what is awaited", async () => {
    const page = await pairStage();
    await page.click(page.items()[2] as HTMLElement);
    expect(page.bench.sent).toEqual([{ verb: "open", id: 1, row: 2 }]);
    expect(page.items()[2]?.getAttribute("aria-busy")).toBe("true");
    expect(page.one(".rt-pair-open").getAttribute("aria-busy")).toBe("true");
    await page.later(page.bench, opened(2));
    expect(page.items()[2]?.getAttribute("aria-busy")).toBe("false");
    expect(page.items()[2]?.getAttribute("aria-current")).toBe("true");
    expect(page.text(".rt-pair-heading")).toBe("A note");
  });

  it("does not open again what is open", async () => {
    const page = await pairStage();
    await page.click(page.items()[1] as HTMLElement);
    expect(page.bench.sent).toEqual([]);
  });

  it("ends a trial with its instance, and asks nothing about the next", async () => {
    const page = await pairStage();
    await page.click(page.word("alpha"));
    await page.click(page.items()[0] as HTMLElement);
    expect(page.bench.get("look").off).toEqual([]);
    await page.click(page.word("beta"));
    await page.later(page.bench, opened(0));
    expect(page.bench.get("look").off).toEqual([]);
    expect(page.word("beta").getAttribute("aria-pressed")).toBe("false");
    expect(page.bench.sent.map(({ verb }) => verb)).toEqual(["probe", "open"]);
  });

  it("keeps a trial over a reload", async () => {
    const page = await pairStage({ ...pairState(), look: { ...small().look, off: [0] } });
    expect(page.word("alpha").getAttribute("aria-pressed")).toBe("true");
    expect(page.bench.kept).toEqual([]);
  });

  it("no longer waits when opening failed, and says so once", async () => {
    const page = await pairStage();
    await page.click(page.items()[0] as HTMLElement);
    const error = { verb: "open", id: 1, message: "no such row" };
    await page.later(page.bench, { status: { ...pairState().status, phase: "idle", error } });
    expect(page.one(".rt-pair-open").getAttribute("aria-busy")).toBe("false");
    expect(page.all("[role=alert]").map((alert) => alert.textContent)).toEqual([
      "Opening failed. no such row×",
    ]);
  });

  it("no longer waits for what nothing answers", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const page = await pairStage();
    await page.click(page.items()[0] as HTMLElement);
    vi.advanceTimersByTime(8001);
    await settled();
    expect(page.items()[0]?.getAttribute("aria-busy")).toBe("false");
  });

  it("says what it cannot draw, outside and inside", async () => {
    const page = await pairStage({ ...pairState(), scene: { ...pairScene(), version: 2 } });
    expect(page.text("[role=alert]")).toBe("This cannot be drawn. unknown version of the contract: 2");
    const inside = await pairStage({ ...pairState(), instance: { version: 1, kind: "foo", row: 1 } });
    expect(inside.text("[role=alert]")).toBe("This cannot be drawn. unknown kind: foo");
    expect(inside.items()).toHaveLength(3);
  });

  it("invites where nothing is open", async () => {
    const page = await pairStage({ ...pairState(), instance: {}, readings: [] });
    expect(page.text(".rt-pair-open")).toBe("open one of the list");
  });

  it("keeps letters from the notebook, and ends without a trace", async () => {
    const page = await pairStage();
    const reached: string[] = [];
    page.el.addEventListener("keydown", ({ key }) => reached.push(key));
    for (const key of ["d", "ArrowDown", "Escape"]) await page.press(page.items()[0] as HTMLElement, key);
    expect(reached).toEqual([]);
    expect(page.bench.listeners).toBe(Object.keys(BLANK).length);
    page.end();
    expect([page.el.childElementCount, page.bench.listeners]).toEqual([0, 0]);
  });

  it("shares its look with another view of the same model", async () => {
    const page = await pairStage();
    const second = await again(page.bench);
    await page.click(page.named("Hide which is which"));
    expect(second.all(".rt-pair-head b").map((name) => name.textContent)).toContain("second");
  });

  it("cuts what was read where the kernel does not read again", async () => {
    const status = { ...pairState().status, can: ["probe", "open"] };
    const page = await pairStage({ ...pairState(), status, look: { ...small().look, top: 1 } });
    expect(page.lines().map(({ name }) => name)).toEqual(["alpha"]);
    expect(page.has(".rt-aim select")).toBe(false);
    expect(page.one(".rt-number").getAttribute("max")).toBe("2");
  });
});

describe("three models", () => {
  const models = ["with headers", "half cleaned", "cleaned"];

  it("have a column each; the first is compared with the last", async () => {
    const page = await pairStage(pairState(models));
    expect(page.all(".rt-pair-head")).toHaveLength(3);
    expect(page.lines()[1]).toEqual({
      name: "beta",
      note: "⇄ changed sign",
      values: ["against yes −0.100", "against yes −0.100", "for yes +0.100"],
    });
    expect(page.text(".rt-pair-summary")).toContain("First and last share 2 of 3 reasons");
    expect(page.all(".rt-pair-lens button").map((button) => button.textContent)).toEqual([
      ...models,
      "difference",
    ]);
  });
});

describe("strange strings", () => {
  const strange = '<img src=x onerror="alert(1)"> & </script>';

  it("stay text, as names of models, titles, classes and doubts", async () => {
    const state = pairState([strange, `${strange} 2`]);
    const instances = state.scene.instances.map((one) => ({ ...one, title: strange }));
    const doubtful = state.readings.map((reading) => ({ ...reading, doubt: strange }));
    const scene = { ...state.scene, instances, classes: [strange, "no"] };
    const page = await pairStage({ ...state, scene, readings: doubtful });
    await page.click(page.named("difference"));
    expect(page.text(".rt-pair-heading")).toBe(strange);
    expect(page.text(".rt-pair-head b")).toBe(strange);
    expect(page.text(".rt-doubt")).toBe(`${strange}: ${strange}`);
    for (const tag of ["img", "script"]) expect(page.has(tag), tag).toBe(false);
  });
});

describe("a picture", () => {
  beforeEach(() => {
    decodes();
  });

  it("is drawn once, over the reasons of both", async () => {
    const { scene, readings: read, pixels, labels, backdrop } = example("image.json");
    const state = pairState();
    const two = MODELS.map((model) => ({ ...read[0], model }));
    const page = await pairStage({
      ...state,
      scene: { ...state.scene, unit: "image", classes: scene.classes },
      instance: { ...scene, row: 1 },
      readings: two,
      ...{ pixels, labels, backdrop },
    });
    await page.later(page.bench, {});
    expect(page.all(".rt-stage")).toHaveLength(1);
    expect(page.all(".rt-pair-head")).toHaveLength(2);
    const [first, second] = page.lines()[0]?.values ?? [];
    expect(first).toBe(second);
    await page.click(page.all(".rt-name")[0] as HTMLElement);
    expect(page.bench.sent.map(({ verb }) => verb)).toEqual(["probe"]);
  });
});

describe("a panel's page that stands alone", () => {
  async function open(state: object) {
    const data = document.createElement("script");
    data.type = "application/json";
    data.id = "retrust-state";
    data.textContent = JSON.stringify(state).replaceAll("<", "\\u003c");
    const root = document.createElement("div");
    root.id = "retrust";
    document.body.append(data, root);
    vi.resetModules();
    await import("../page-pair");
    await settled();
    return handsOn(root);
  }
  const status = { ...small().status, can: [] };

  it("opens what is stored in it, and nothing else", async () => {
    const stored = { 0: opened(0), 1: opened(1) };
    const page = await open({ ...pairState(), status, stored });
    const items = page.all(".rt-pair-item");
    expect(items.map((item) => item.getAttribute("aria-disabled"))).toEqual(["false", "false", "true"]);
    await page.click(page.word("alpha"));
    expect(page.all(".rt-surrogate").map((value) => value.textContent)).toEqual(["0.40", "0.15"]);
    expect(page.text(".rt-answers")).toContain("model not attached");
    await page.click(items[2] as HTMLElement);
    expect(page.text(".rt-pair-heading")).toBe("A reply");
    await page.click(items[0] as HTMLElement);
    expect(page.text(".rt-pair-heading")).toBe("An old letter");
    expect(page.word("alpha").getAttribute("aria-pressed")).toBe("false");
  });

  it("shows what is open where nothing is stored, and hides names too", async () => {
    const page = await open({ ...pairState(), status });
    expect(page.all(".rt-pair-item").every((item) => item.getAttribute("aria-disabled") === "true")).toBe(
      true,
    );
    await page.click(page.one(".rt-pair-top .rt-toggle"));
    expect(page.text(".rt-pair-head b")).toBe("first");
  });

  it("says that nothing was open", async () => {
    const page = await open({ ...pairState(), status, instance: {}, readings: [] });
    expect(page.text(".rt-pair-open")).toBe("nothing was open when this page was kept");
  });
});

/** Structure only: colours, and all that needs a layout, are looked at in a real browser. */
describe("axe finds nothing in models side by side", () => {
  it.each([
    ["light", "true"],
    ["dark", "false"],
  ])("%s, with names and without, with the form open", async (_theme, light) => {
    document.body.dataset.jpThemeLight = light;
    const page = await pairStage();
    expect(page.one(".rt").classList.contains("rt-dark")).toBe(light === "false");
    const found = async () => {
      const { violations, passes } = await axe.run(page.el, {
        rules: { "color-contrast": { enabled: false } },
      });
      expect(passes.length).toBeGreaterThan(10);
      return violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
    };
    expect(await found()).toEqual([]);
    await page.click(page.named("Hide which is which"));
    await page.click(page.word("alpha"));
    await page.click(page.one(".rt-flag"));
    expect(page.has("[role=dialog]")).toBe(true);
    expect(await found()).toEqual([]);
  });
});
