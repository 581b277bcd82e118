import axe from "axe-core";
import { describe, expect, it } from "vitest";
import type { Reading, Scene, Tree } from "../contract";
import { testInWords } from "../study/tree";
import { surrogate } from "../surrogate";
import { says, small, stage } from "./stage";
import { pairs, tree } from "./studies";

const told = ["if 'alpha' is present and 'beta' is present: 0.8"];
const planted = (change: Partial<Reading> = {}) => small({ tree, rules: told, ...change });
const off = (...ids: number[]) => new Set(ids);

describe("the guess of a tree", () => {
  const reading = planted().readings[0] as Reading;

  it("is that of the leaf that the trial leads to", () => {
    expect(surrogate(reading, off())).toBe(0.8);
    expect(surrogate(reading, off(2))).toBe(0.8);
    expect(surrogate(reading, off(1))).toBe(0.4);
    expect(surrogate(reading, off(0, 1))).toBe(0.2);
  });

  it("compares a slope with where the node parts", () => {
    const sloped: Tree = {
      nodes: [[0, 2, 1, -0.5, 0, 1, 9, 0], ...tree.nodes.slice(3)],
      instance: [-1, 1, 1],
    };
    const guess = (at: number, away = off()) => surrogate({ ...reading, tree: sloped }, away, () => at);
    expect(guess(-1)).toBe(0.4);
    expect(guess(-0.4)).toBe(0.2);
    expect(guess(-1, off(0))).toBe(0.2);
  });

  it("follows what the reader takes away", async () => {
    const page = await stage(planted());
    expect(says(page).surrogate).toBe("0.80");
    await page.click(page.word("beta"));
    expect(says(page).surrogate).toBe("0.40");
  });
});

describe("the drawing of a tree", () => {
  const taken = (page: Awaited<ReturnType<typeof stage>>) =>
    page.all(".rt-taken > .rt-test").map(({ textContent }) => textContent);

  it("has a branch for each answer, and at its leaves values and shares", async () => {
    const page = await stage(planted());
    expect(page.all(".rt-test").map(({ textContent }) => textContent)).toEqual([
      "alpha is present",
      "beta is present",
      "beta is absent",
      "alpha is absent",
    ]);
    expect(page.all(".rt-leaf").map(({ textContent }) => textContent)).toEqual([
      "→ 0.80  50 %",
      "→ 0.40  25 %",
      "→ 0.20  25 %",
    ]);
  });

  it("makes the instance's way stand out, and then that of the trial", async () => {
    const page = await stage(planted());
    expect(taken(page)).toEqual(["alpha is present", "beta is present"]);
    await page.click(page.word("beta"));
    expect(taken(page)).toEqual(["alpha is present", "beta is absent"]);
    expect(page.text(".rt-beyond")).toContain("the way that your trial takes");
  });

  it("is said in sentences, too, and axe finds nothing in it", async () => {
    const page = await stage(planted());
    expect(page.all(".rt-beyond details li").map(({ textContent }) => textContent)).toEqual(told);
    const { violations } = await axe.run(page.el, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it("tests conditions by their names, and slopes in the column's own units", () => {
    const scene = {
      kind: "table",
      features: [
        { name: "age > 30", column: 0 },
        { name: "income", column: 1, at: 0.5, mean: 40, per: 20 },
      ],
    } as unknown as Scene;
    expect(testInWords(scene, 0, null, true)).toBe("age > 30");
    expect(testInWords(scene, 0, null, false)).toBe("not age > 30");
    expect(testInWords(scene, 1, 0.25, true)).toBe("income > 45");
    expect(testInWords(scene, 1, 0.25, false)).toBe("income ≤ 45");
  });
});

describe("pairs", () => {
  const paired = () => small({ pairs });

  it("count where both are present", () => {
    const reading = paired().readings[0] as Reading;
    expect(surrogate(reading, off())).toBeCloseTo(0.9, 12);
    expect(surrogate(reading, off(0))).toBeCloseTo(0.45, 12);
    expect(surrogate(reading, off(1))).toBeCloseTo(0.7, 12);
    expect(surrogate(reading, off(0, 1))).toBeCloseTo(0.5, 12);
    expect(surrogate(reading, off(), (id) => (id === 0 ? 2 : 1))).toBeCloseTo(1.35, 12);
  });

  it("are rows of their own with their coefficients", async () => {
    const page = await stage(paired());
    const rows = page.all(".rt-beyond .rt-row").map(({ textContent }) => textContent);
    expect(rows).toEqual(["alpha × betafor yes +0.250 ±.02"]);
  });

  it("are not there for others", async () => {
    const page = await stage(small());
    expect(page.has(".rt-beyond")).toBe(false);
  });
});

describe("a weight that is tied with the one above", () => {
  it("has a quiet mark, and says so", async () => {
    const page = await stage(small({ tied: [false, true] }));
    const names = page.all(".rt-name");
    expect(names.map(({ textContent }) => textContent)).toEqual(["alpha", "≈beta"]);
    expect(names[1]?.getAttribute("aria-label")).toContain("cannot be told from the one above by its size");
    expect(names[0]?.getAttribute("aria-label")).not.toContain("cannot be told");
  });
});
