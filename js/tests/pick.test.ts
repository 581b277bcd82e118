import axe from "axe-core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { hostile, picked, scene, state } from "./picks";
import { handsOn, settled, small, stage } from "./stage";

const enter = (target: Element) => target.dispatchEvent(new PointerEvent("pointerenter"));
const cards = (page: { all: (selector: string) => HTMLElement[] }) => page.all(".rt-small");
const named = (page: { all: (selector: string) => HTMLElement[] }, kind = "name") =>
  page.all(`.rt-features [data-kind=${kind}]`);
const openOn = (row: number) => {
  const { scene: text, readings } = small();
  return { instance: { ...text, row }, readings };
};

describe("the pick", () => {
  it("says how many show how much, and shows them in their order", async () => {
    const page = await stage(state());
    expect(page.text(".rt-headline")).toBe(
      "2 of 5 instances show 90 % of what the model uses – random picks show 60 %",
    );
    expect(page.one(".rt-headline").getAttribute("aria-live")).toBe("polite");
    expect(page.all(".rt-small .rt-card-title").map((title) => title.textContent)).toEqual([
      "1 · Easter",
      "3 · Morality",
    ]);
    expect(page.all(".rt-small .rt-card-facts").map((facts) => facts.textContent)).toEqual([
      "christian 0.60 · wrong, it is atheism · adds 70 %",
      "christian 0.93 · right · adds 20 %",
    ]);
    expect(page.all(".rt-small .rt-card-why").map((why) => why.textContent)).toEqual([
      "first with Posting, Host",
      "first with élan",
    ]);
  });

  it("shows each small: words in their colours, a picture, or weights", async () => {
    const page = await stage(state({ look: { off: [], edits: {}, top: null, budget: 3 } }));
    const [text, , weights] = page.all(".rt-glance, .rt-glance-picture");
    expect(text?.textContent).toBe("a Host and Posting");
    expect([...(text?.querySelectorAll("mark") ?? [])].map(({ className }) => className)).toEqual([
      "rt-piece rt-against",
      "rt-piece rt-for",
    ]);
    expect(page.one("img").getAttribute("src")).toBe("data:image/webp;base64,UklGRg==");
    expect(page.one("img").getAttribute("alt")).toBe("3 · Morality");
    expect(weights?.textContent).toBe("Posting");
  });

  it("moves with the slider, which asks nobody", async () => {
    const page = await stage(state());
    const slider = page.one("[type=range]") as HTMLInputElement;
    expect([slider.min, slider.max, slider.value]).toEqual(["1", "3", "2"]);
    await page.type(slider, "1");
    expect(page.bench.get("look")).toEqual({ off: [], edits: {}, top: null, budget: 1 });
    expect(page.text(".rt-headline")).toContain("1 of 5 instances shows 70 %");
    expect(cards(page)).toHaveLength(1);
    expect(page.bench.sent).toEqual([]);
  });

  it("keeps a budget within what was picked", async () => {
    const page = await stage(state({ look: { off: [], edits: {}, top: null, budget: 40 } }));
    expect(cards(page)).toHaveLength(3);
    await page.later(page.bench, {
      picked: picked({ rows: [], covered: [], added: [], glances: [], among: 0 }),
    });
    expect(cards(page)).toHaveLength(0);
    expect(page.text(".rt-picks")).toContain("nothing was picked");
    expect(page.has(".rt-curve")).toBe(false);
    await page.later(page.bench, { picked: {} });
    expect(page.text(".rt-headline")).toContain("0 of 0 instances show 0 %");
  });

  it("draws the curve with random picks beside it; a click on a dot sets the budget", async () => {
    const page = await stage(state());
    expect(page.one(".rt-curve svg").getAttribute("aria-label")).toBe(
      "coverage by budget: 2 show 90 %, the 2nd adds 20 %; random picks show 60 %; 3 would show 100 %",
    );
    expect(page.all(".rt-curve circle")).toHaveLength(3);
    expect(page.one(".rt-curve-band").getAttribute("points")?.split(" ")).toHaveLength(6);
    const [, , third] = page.all(".rt-curve-hit");
    expect(third?.textContent).toBe("3 show 100 %, the 3rd adds 10 %");
    await page.click(third as HTMLElement);
    expect(page.bench.get("look").budget).toBe(3);
    expect(page.text(".rt-curve figcaption b")).toBe("3 show 100 %, the 3rd adds 10 %");
  });

  it("keeps the submodular curve beside a random one of the same instances", async () => {
    const page = await stage(state());
    expect(page.has(".rt-curve-best")).toBe(false);
    await page.later(page.bench, { picked: picked({ method: "random", covered: [0.3, 0.5, 0.6] }) });
    expect(page.has(".rt-curve-best")).toBe(true);
    await page.later(page.bench, {
      picked: picked({ method: "random", target: 1, covered: [0.3, 0.5, 0.6] }),
    });
    expect(page.has(".rt-curve-best")).toBe(false);
  });

  it("lights what the one pointed at added, in the list of features", async () => {
    const page = await stage(state());
    await page.later(page.bench, {});
    enter(cards(page)[1] as HTMLElement);
    await settled();
    expect(page.all(".rt-long-row.rt-hot").map((row) => row.querySelector(".rt-name")?.textContent)).toEqual([
      "élan",
    ]);
    cards(page)[0]?.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
    await settled();
    expect(page.all(".rt-long-row.rt-hot")).toHaveLength(2);
  });
});

describe("opening", () => {
  it("is asked for by a click, shown at once as awaited, and then in full with why it was picked", async () => {
    const page = await stage(state({ look: { off: [1], edits: {}, top: null, budget: 2 } }));
    expect(page.text(".rt-opened")).toContain("choose an instance");
    await page.click(cards(page)[1] as HTMLElement);
    expect(page.bench.sent).toEqual([{ verb: "open", id: 1, row: 3 }]);
    expect(page.bench.get("look")).toEqual({ off: [], edits: {}, top: null, budget: 2 });
    expect(cards(page).map((card) => card.getAttribute("aria-current"))).toEqual(["false", "true"]);
    expect(page.one(".rt-opened").getAttribute("aria-busy")).toBe("true");
    await page.later(page.bench, openOn(3));
    expect(page.one(".rt-opened").getAttribute("aria-busy")).toBe("false");
    expect(page.text(".rt-why")).toBe("3 · Moralitychristian 0.93 · rightpicked 2nd: first with élan");
    expect(page.word("beta").getAttribute("aria-label")).toContain("−0.100");
  });

  it("that fails is said, and what was open stays", async () => {
    const page = await stage(state(openOn(1)));
    await page.click(cards(page)[1] as HTMLElement);
    const { status } = state();
    const error = { verb: "open", id: 1, message: "KeyError: <b>3</b>" };
    await page.later(page.bench, { status: { ...status, error } });
    expect(page.text(".rt-failure")).toContain("Opening failed. KeyError: <b>3</b>");
    expect(page.text(".rt-why-title")).toBe("1 · Easter");
    expect(page.one(".rt-opened").getAttribute("aria-busy")).toBe("false");
  });

  it("of one that was not picked says so", async () => {
    const page = await stage(state(openOn(2)));
    expect(page.text(".rt-why")).toContain("not among the picked");
  });

  it("goes by arrows among the cards", async () => {
    const page = await stage(state());
    const [first, second] = cards(page);
    first?.focus();
    await page.press(first as HTMLElement, "ArrowDown");
    expect(document.activeElement).toBe(second);
    await page.press(second as HTMLElement, "ArrowDown");
    expect(document.activeElement).toBe(second);
  });
});

describe("the choice among which instances is picked", () => {
  it("is sent whole, shown at once, and taken back when it fails", async () => {
    const page = await stage(state());
    const [best, random] = page.all(".rt-segment");
    await page.click(random as HTMLElement);
    await page.type(page.one(".rt-choices select"), "1", "change");
    await page.click(page.one(".rt-choices .rt-toggle"));
    expect(page.bench.sent).toEqual([
      { verb: "pick", id: 1, method: "random", target: null, errors: false },
      { verb: "pick", id: 2, method: "random", target: 1, errors: false },
      { verb: "pick", id: 3, method: "random", target: 1, errors: true },
    ]);
    expect(random?.getAttribute("aria-pressed")).toBe("true");
    const { status } = state();
    await page.later(page.bench, { status: { ...status, error: { verb: "pick", id: 3, message: "no" } } });
    expect(best?.getAttribute("aria-pressed")).toBe("true");
    expect(page.text(".rt-failure")).toContain("Picking failed. no");
  });

  it("when answered, leaves the others out of the matrix and the sentence", async () => {
    const page = await stage(state());
    const answer = picked({ target: 1, errors: true, among: 1, rows: [1], covered: [1], added: [[0, 1]] });
    await page.later(page.bench, { picked: answer });
    expect(page.text(".rt-headline")).toContain("1 of 1 error for christian shows 100 %");
    expect(page.text(".rt-matrix .rt-caption")).toBe("1 instance by 2 features, the covered ones lit");
  });

  it("when answered, weighs and counts the features in these alone", async () => {
    const page = await stage(state());
    const answer = picked({ target: 1, errors: true, among: 1, rows: [1], covered: [1], added: [[0, 1]] });
    await page.later(page.bench, { picked: answer });
    expect(page.text(".rt-features > .rt-caption")).toBe("What the model uses most in 1 error for christian");
    expect(named(page).map((name) => name.getAttribute("aria-label"))).toEqual([
      "Host, in 1 of 1, against christian 0.30, shown",
      "Posting, in 1 of 1, for christian 0.20, shown",
      "élan, in 0 of 1, not shown",
      "fish, in 0 of 1, not shown",
    ]);
    expect(page.all(".rt-importance > span").map(({ style }) => Number.parseFloat(style.width))).toEqual([
      100,
      expect.closeTo(100 * Math.sqrt(0.2 / 0.3), 3),
      0,
      0,
    ]);
    expect(page.text(".rt-feature-sum")).toContain("2 of 2 features");
  });

  it("when answered, finds a feature in these alone", async () => {
    const page = await stage(state());
    const answer = picked({ target: 1, errors: true, among: 1, rows: [1], covered: [1], added: [[0, 1]] });
    await page.later(page.bench, { picked: answer });
    await page.click(named(page)[1] as HTMLElement);
    expect(page.text(".rt-found .rt-caption")).toBe("1 instance with Posting");
  });

  it("has no errors where no truth is known", async () => {
    const instances = scene().instances.map((instance) => ({ ...instance, label: null }));
    const page = await stage(state({ scene: scene({ instances }) }));
    expect(page.has(".rt-toggle")).toBe(false);
    expect(page.text(".rt-small .rt-card-facts")).toBe("christian 0.60 · adds 70 %");
  });
});

describe("the panel", () => {
  it("has no landmarks, of which two panels on one page would have the same", async () => {
    const page = await stage(state({ look: { off: [], edits: {}, top: null, budget: 2 } }));
    await page.click(named(page)[0] as HTMLElement);
    expect(page.has(".rt-found")).toBe(true);
    expect(page.has("section[aria-label], [role=region]")).toBe(false);
  });
});

describe("the features", () => {
  it("come by importance, with where they occur, and the covered ones lit", async () => {
    const page = await stage(state());
    expect(named(page).map((name) => name.getAttribute("aria-label"))).toEqual([
      "Posting, in 3 of 5, for atheism 2.50, for christian 0.50, shown",
      "Host, in 2 of 5, for atheism 1.00, against christian 1.00, shown",
      "élan, in 1 of 5, for christian 1.00, shown",
      "fish, in 1 of 5, for atheism 0.25, not shown",
    ]);
    expect(page.all(".rt-lit")).toHaveLength(3);
    expect(page.all(".rt-importance > span").map(({ style }) => style.width)).toEqual([
      "100%",
      "75%",
      "50%",
      "25%",
    ]);
    expect(page.all(".rt-long-row:nth-child(2) .rt-importance i").map((part) => part.className)).toEqual([
      "rt-for",
      "rt-against",
    ]);
    expect(page.text(".rt-feature-sum")).toContain("3 of 4 features are in what is shown");
  });

  it("lead to where they occur, the strongest first, to be opened", async () => {
    const page = await stage(state());
    await page.click(named(page)[1] as HTMLElement);
    expect(page.text(".rt-found .rt-caption")).toBe("2 instances with Host");
    expect(page.all(".rt-hit .rt-card-title").map((title) => title.textContent)).toEqual([
      "2 · Where are they",
      "1 · Easter",
    ]);
    await page.click(page.one(".rt-hit"));
    expect(page.bench.sent).toEqual([{ verb: "open", id: 1, row: 2 }]);
    await page.click(page.one(".rt-found .rt-close"));
    expect(page.has(".rt-found")).toBe(false);
  });

  it("are marked everywhere, with a reason, and the mark is taken back", async () => {
    const page = await stage(state());
    const flag = named(page, "flag")[1] as HTMLElement;
    await page.click(flag);
    await page.type(page.one("[role=dialog] input"), "a header");
    page.one("form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    await settled();
    const mark = { features: [1], scope: "everywhere" as const, because: "a header" };
    expect(page.bench.sent).toEqual([{ verb: "mark", id: 1, of: "pick", ...mark }]);
    await page.later(page.bench, { marks: [{ ...mark, name: "Host", features: [], columns: [1] }] });
    expect(flag.getAttribute("aria-pressed")).toBe("true");
    expect(flag.title).toContain("a header");
    expect(page.text(".rt-marked-list .rt-chip")).toBe("Host ×");
    await page.click(page.one(".rt-marked-list .rt-chip"));
    await page.click(flag);
    expect(page.bench.sent.slice(1).map(({ id, ...sent }) => sent)).toEqual([
      { verb: "withdraw", features: [1], of: "pick" },
      { verb: "withdraw", features: [1], of: "pick" },
    ]);
  });

  it("may be pictures of what a visual word looks like", async () => {
    const features = scene().features.map((feature) => ({ ...feature, picture: "UklGRg==" }));
    const page = await stage(state({ scene: scene({ features }) }));
    expect(page.all(".rt-visual").map((image) => image.getAttribute("alt"))[0]).toBe("a part like Posting");
  });

  it("of thousands, few are drawn, and arrows reach all of them", async () => {
    const [first] = scene().features;
    if (!first) throw new Error("no features");
    const features = Array.from({ length: 8000 }, (_, i) => ({ ...first, name: `word ${i}` }));
    const page = await stage(state({ scene: scene({ features }) }));
    expect(named(page).length).toBeLessThan(40);
    expect(
      named(page)
        .map(({ tabIndex }) => tabIndex)
        .filter((index) => index === 0),
    ).toHaveLength(1);
    const [start] = named(page);
    start?.focus();
    await page.press(start as HTMLElement, "ArrowDown");
    expect(document.activeElement?.textContent).toBe("word 1");
    await page.press(document.activeElement as Element, "ArrowLeft");
    expect(document.activeElement?.getAttribute("data-kind")).toBe("flag");
    await page.press(document.activeElement as Element, "End");
    expect(document.activeElement?.getAttribute("aria-label")).toContain("word 7999");
    expect(document.activeElement?.closest("li")?.getAttribute("aria-posinset")).toBe("8000");
    expect(named(page).length).toBeLessThan(40);
  });
});

describe("the search", () => {
  it("finds features and titles, without accents", async () => {
    const page = await stage(state());
    await page.type(page.one("[type=search]"), "FISH");
    expect(named(page).map((name) => name.textContent)).toEqual(["fish"]);
    expect(page.text(".rt-found .rt-caption")).toBe("2 titles with “FISH”");
    expect(page.text(".rt-matrix .rt-caption")).toContain("2 instances by 1 feature,");
    await page.type(page.one("[type=search]"), "elan");
    expect(named(page).map((name) => name.textContent)).toEqual(["élan"]);
  });

  it("says where it finds nothing, and the matrix stays whole", async () => {
    const page = await stage(state());
    await page.type(page.one("[type=search]"), "zebra");
    expect(page.text(".rt-features .rt-none")).toBe("no feature has “zebra” in its name");
    expect(page.text(".rt-found .rt-caption")).toBe("0 titles with “zebra”");
    expect(page.text(".rt-matrix .rt-caption")).toContain("5 instances by 4 features");
  });
});

describe("a panel that stands alone", () => {
  async function open(traits: object) {
    const data = document.createElement("script");
    data.type = "application/json";
    data.id = "retrust-state";
    data.textContent = JSON.stringify(traits).replaceAll("<", "\\u003c");
    const root = document.createElement("div");
    root.id = "retrust";
    document.body.append(data, root);
    vi.resetModules();
    await import("../page-pick");
    await settled();
    return handsOn(root);
  }
  const still = { ...state().status, can: [] };

  it("has slider, search and where features occur, and none of what needs a kernel", async () => {
    const marks = [{ name: "Host", scope: "everywhere", because: "a header", features: [], columns: [1] }];
    const page = await open(state({ status: still, marks }));
    expect(page.has(".rt-segment, .rt-choices select, .rt-toggle, button.rt-flag, button.rt-small")).toBe(
      false,
    );
    expect(page.has(".rt-opened")).toBe(false);
    expect(page.text(".rt-marked-list .rt-chip")).toBe("Host");
    await page.type(page.one("[type=range]"), "3");
    expect(page.all(".rt-small")).toHaveLength(3);
    await page.click(page.all("[data-kind=name]")[0] as HTMLElement);
    expect(page.all(".rt-hit")).toHaveLength(3);
    expect(page.has("button.rt-hit")).toBe(false);
    await page.type(page.one("[type=search]"), "host");
    expect(page.all("[data-kind=name]")).toHaveLength(1);
  });

  it("shows what was open when it was saved", async () => {
    const page = await open(state({ status: still, ...openOn(3) }));
    expect(page.text(".rt-why-title")).toBe("3 · Morality");
    expect(page.word("alpha").textContent).toBe("alpha");
  });
});

describe("names that would do harm", () => {
  it("are only ever text", async () => {
    const page = await stage(hostile());
    await page.click(named(page)[0] as HTMLElement);
    await page.type(page.one("[type=search]"), "<img");
    expect(page.has("img")).toBe(false);
    expect(page.text(".rt-name")).toContain("<img");
    expect(page.text(".rt-glance")).toContain("<img");
    expect(page.text(".rt-marked-list")).toContain("<img");
    expect("hurt" in window).toBe(false);
  });
});

describe("axe finds nothing", () => {
  afterEach(() => {
    document.body.removeAttribute("data-jp-theme-light");
  });

  it.each(["true", "false"])("in a panel with all of it open (light: %s)", async (light) => {
    document.body.dataset.jpThemeLight = light;
    const marks = [{ name: "Host", scope: "everywhere", because: "", features: [], columns: [1] }];
    const page = await stage(state({ ...openOn(1), marks }));
    expect(page.one(".rt").classList.contains("rt-dark")).toBe(light === "false");
    await page.click(named(page)[0] as HTMLElement);
    await page.click(named(page, "flag")[0] as HTMLElement);
    expect(page.has("[role=dialog]")).toBe(true);
    const { violations, passes } = await axe.run(page.el, {
      rules: { "color-contrast": { enabled: false } },
    });
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(passes.length).toBeGreaterThan(15);
  });
});
