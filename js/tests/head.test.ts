import { afterEach, describe, expect, it, vi } from "vitest";
import { example, small, stage } from "./stage";

afterEach(() => {
  vi.useRealTimers();
});

describe("the verdict", () => {
  it("has a bar and a number for each class, the target in front of the eye", async () => {
    const page = await stage(small());
    expect(page.all(".rt-class").map((row) => row.textContent)).toEqual(["yes0.80", "no0.20"]);
    expect(page.text(".rt-target")).toBe("yes0.80");
    expect(page.one(".rt-track i").style.width).toBe("80%");
  });

  it("shows the four likeliest of many classes and the rest on demand", async () => {
    const page = await stage(example("text-multiclass.json"));
    const names = () => page.all(".rt-class-name").map((name) => name.textContent);
    expect(names()).toEqual(["comp.hardware", "misc.forsale", "sci.electronics", "comp.graphics"]);
    expect(page.text(".rt-link")).toBe("2 more");
    await page.click(page.one(".rt-link"));
    expect(names()).toHaveLength(6);
    expect(page.all(".rt-share").at(-1)?.textContent).toBe("<0.001");
  });

  it("keeps the target among the few", async () => {
    const page = await stage({
      ...example("text-multiclass.json"),
      readings: [{ ...example("text-multiclass.json").readings[0], target: 5 }],
    });
    expect(page.text(".rt-target .rt-class-name")).toBe("talk.politics");
  });

  it("shows scores as numbers, without tracks and without a choice of class", async () => {
    const page = await stage(example("regression.json"));
    expect(page.text(".rt-class")).toBe("price312,480");
    expect(page.has(".rt-track")).toBe(false);
    expect(page.has("select")).toBe(false);
    expect(page.all(".rt-legend span").map((side) => side.textContent)).toEqual([
      "lowers price",
      "raises price",
    ]);
  });
});

describe("the facts", () => {
  it("tell fit, calls and samples, and settled only when it is", async () => {
    const page = await stage(small());
    expect(page.text(".rt-facts")).toBe("local fit R² 0.904,321 model calls5,000 samples, not settledmore…");
    await page.later(page.bench, small({ settled: true, stability: 0.97 }));
    expect(page.text(".rt-facts")).toContain("callssettled: another run would share 97 % of the top parts");
  });

  it("tell what another run would share before it is settled, too", async () => {
    const page = await stage(small({ stability: 0.6543 }));
    expect(page.text(".rt-facts")).toContain(
      "5,000 samples, not settled: another run would share 65 % of the top parts",
    );
  });

  it("tell that all masks were asked, and that time ran out", async () => {
    const page = await stage(small({ exact: true, settled: true, stability: 1, n_samples: 64 }));
    expect(page.text(".rt-facts")).toContain("exact: all 64 masks were asked");
    await page.later(page.bench, { readings: small({ partial: "time", n_samples: 640 }).readings });
    expect(page.text(".rt-partial")).toBe("out of time – 640 samples");
  });

  it("tell a fit that cannot be told", async () => {
    const page = await stage(small({ fidelity: null }));
    expect(page.text(".rt-facts")).toContain("R² –");
  });

  it("tell plainly that sampling ended early, and why on demand", async () => {
    const page = await stage(small({ partial: "interrupted", n_samples: 1280 }));
    expect(page.text(".rt-partial")).toBe("stopped early – 1,280 samples");
    await page.click(page.one(".rt-more"));
    expect(page.text(".rt-details")).toContain("the kernel was interrupted");
  });

  it("make the bars look unsure when the fit is in doubt", async () => {
    const page = await stage(small());
    expect(page.has(".rt-doubtful")).toBe(false);
    await page.later(page.bench, small({ doubt: "a poor fit" }));
    expect(page.has(".rt-doubtful")).toBe(true);
    expect(page.text(".rt-doubt")).toBe("a poor fit");
  });

  it("offer more samples only where the model can give them", async () => {
    const page = await stage(small());
    await page.click(page.one(".rt-more"));
    await page.click(page.one(".rt-details .rt-button"));
    expect(page.bench.sent).toEqual([{ verb: "sample", id: 1, n: 5000 }]);
    await page.later(page.bench, { status: { ...small().status, can: ["probe"] } });
    expect(page.has(".rt-details .rt-button")).toBe(false);
  });
});

describe("another class", () => {
  it("is asked of the kernel and drawn when it comes", async () => {
    const page = await stage(small());
    await page.type(page.one("select"), "1", "change");
    expect(page.bench.sent).toEqual([{ verb: "aim", id: 1, target: 1, n_features: 2 }]);
    expect(page.one(".rt-bars").getAttribute("aria-busy")).toBe("true");
    await page.later(page.bench, small({ target: 1, weights: [[0, -0.3, null]], intercept: 0.6 }));
    expect(page.one(".rt-bars").getAttribute("aria-busy")).toBe("false");
    expect(page.text(".rt-value")).toBe("against no −0.300");
    expect(page.text(".rt-model")).toBe("0.20");
  });

  it("is taken back when nothing answers", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const page = await stage(small());
    await page.type(page.one("select"), "1", "change");
    vi.advanceTimersByTime(8001);
    await page.later(page.bench, {});
    expect((page.one("select") as HTMLSelectElement).value).toBe("0");
  });
});

describe("the number of bars", () => {
  it("is asked for once it rests, within what there is", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const page = await stage(small());
    await page.type(page.one(".rt-number"), "1");
    await page.type(page.one(".rt-number"), "17");
    expect(page.bench.sent).toEqual([]);
    vi.advanceTimersByTime(301);
    expect(page.bench.sent).toEqual([{ verb: "aim", id: 1, target: 0, n_features: 3 }]);
  });
});
