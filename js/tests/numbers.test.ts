import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bearsInk, GROUND, luminance, opaque, type Rgb, STRONGEST, strength } from "../colour";
import { count, digitsFor, distance, output, rSquared, signed, spread } from "../format";
import { label, side, trialInWords } from "../labels";
import { margin, reach, surrogate } from "../surrogate";
import { small } from "./stage";

const [reading] = small().readings;
if (!reading) throw new Error("no reading");

describe("the surrogate", () => {
  it("adds the coefficients of what is present to the intercept", () => {
    expect(surrogate(reading, new Set())).toBeCloseTo(0.7, 12);
    expect(surrogate(reading, new Set([0]))).toBeCloseTo(0.4, 12);
    expect(surrogate(reading, new Set([0, 1]))).toBeCloseTo(0.5, 12);
  });

  it("is not moved by a feature without a weight", () => {
    expect(surrogate(reading, new Set([2]))).toBe(surrogate(reading, new Set()));
  });

  it("has no value where the intercept has none", () => {
    expect(surrogate({ ...reading, intercept: null }, new Set())).toBeNull();
  });

  it("has a margin of 1.96 standard errors, and none where the error is not known", () => {
    expect(margin([0, 0.3, 0.01])).toBeCloseTo(0.0196, 12);
    expect(margin([1, -0.1, null])).toBeNull();
  });

  it("has an axis beyond every whisker, and beyond zero without weights", () => {
    expect(
      reach([
        [0, -0.3, 0.1],
        [1, 0.4, null],
      ]),
    ).toBeCloseTo(0.496, 12);
    expect(reach([])).toBeGreaterThan(0);
  });
});

describe("numbers", () => {
  it("are signed with a true minus, in digits that suit the largest", () => {
    expect(signed(-0.083, digitsFor(0.214))).toBe("−0.083");
    expect(signed(0.2141, digitsFor(0.2141))).toBe("+0.214");
    expect(signed(18250, digitsFor(18250))).toBe("+18,250");
    expect(signed(-0.0001, 3)).toBe("0.000");
    expect(digitsFor(0.00042)).toBe(6);
    expect(digitsFor(0)).toBe(3);
  });

  it("never claim certainty that the model does not", () => {
    expect(output(0.87, "probability")).toBe("0.87");
    expect(output(0.998, "probability")).toBe("0.998");
    expect(output(0.99999, "probability")).toBe(">0.999");
    expect(output(0.0004, "probability")).toBe("<0.001");
    expect(output(1, "probability")).toBe("1.00");
    expect(output(-0.02, "probability")).toBe("−0.02");
  });

  it("are scores with separators and true minus", () => {
    expect(output(-312480, "score")).toBe("−312,480");
    expect(output(1.5, "score")).toBe("1.50");
  });

  it("are a dash where there is none", () => {
    expect(output(null, "probability")).toBe("–");
    expect(output(Number.NaN, "score")).toBe("–");
    expect(signed(null, 2)).toBe("–");
    expect(distance(null, "score")).toBe("–");
    expect(rSquared(null)).toBe("–");
    expect(rSquared(-0.5)).toBe("−0.50");
  });

  it("have spreads one digit shorter, unless nothing would be left", () => {
    expect(spread(0.0196, 3)).toBe(".02");
    expect(spread(0.0031, 3)).toBe(".003");
    expect(spread(1842.4, 0)).toBe("1,842");
  });

  it("are counted with separators", () => {
    expect(count(50000)).toBe("50,000");
  });
});

describe("labels", () => {
  const { scene } = small();
  const plain = { name: "alpha", weight: undefined, off: false, typed: undefined, mark: undefined };

  it("tell word, weight, presence and mark", () => {
    const mark = { name: "alpha", scope: "everywhere" as const, because: "", features: [0] };
    expect(label(scene, 0, 3, { ...plain, weight: [0, 0.214, null] })).toBe("alpha, for yes +0.214, present");
    expect(label(scene, 1, 3, { ...plain, weight: [0, -0.083, null], off: true, mark })).toBe(
      "alpha, against no −0.083, absent, marked as untrustworthy",
    );
    expect(label(scene, 0, 3, plain)).toBe("alpha, no weight, present");
    expect(label(scene, 0, 3, { ...plain, typed: "omega" })).toBe(
      "omega, in place of alpha, no weight, present",
    );
  });

  it("say raises and lowers where there is one output", () => {
    expect(side({ ...scene, classes: ["price"] }, 0, -2)).toBe("lowers price");
    expect(side({ ...scene, classes: ["price"] }, 0, 2)).toBe("raises price");
  });

  it("put a trial in words, however long", () => {
    expect(trialInWords(["a", "b"], [["c", "d"]], false)).toBe("without a, b, with d in place of c");
    expect(trialInWords(["a", "b", "c", "d"], [], true)).toBe("without 4 parts, with the drawing");
  });
});

describe("colours", () => {
  const sheet = readFileSync("js/style.css", "utf8");
  const light = sheet.slice(sheet.indexOf(".rt {"), sheet.indexOf(".rt.rt-dark {"));
  const dark = sheet.slice(sheet.indexOf(".rt.rt-dark {"), sheet.indexOf(".rt *"));

  function colour(theme: string, name: string): Rgb {
    const value = new RegExp(`--rt-${name}: ([^;]+);`).exec(theme)?.[1] ?? "";
    const hex = /#([0-9a-f]{6}|[0-9a-f]{3})\b/.exec(value)?.[1];
    const digits = hex?.length === 3 ? [...hex].map((d) => d + d) : (hex?.match(/../g) ?? []);
    const rgb = hex ? digits.map((d) => Number.parseInt(d, 16)) : value.split(",").map(Number);
    return rgb as unknown as Rgb;
  }
  const grey = (share: number): Rgb => [share * 255, share * 255, share * 255];
  /** The grey of a luminance. */
  const greyOf = (l: number) => grey(l <= 0.0031308 ? 12.92 * l : 1.055 * l ** (1 / 2.4) - 0.055);
  const contrast = (a: Rgb, b: Rgb) => {
    const [x, y] = [luminance(a), luminance(b)];
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  };
  const over = (top: Rgb, alpha: number, ground: Rgb) =>
    top.map((c, i) => c * alpha + (ground[i] ?? 0) * (1 - alpha)) as unknown as Rgb;

  const themes = [
    { name: "light", css: light, grounds: GROUND.light.map(greyOf) },
    { name: "dark", css: dark, grounds: GROUND.dark.map(greyOf) },
  ];

  it.each(themes)("leave the text 4.5 : 1 on every highlight, $name", ({ css, grounds }) => {
    const alphas = Array.from({ length: 100 }, (_, i) => strength((i + 1) / 100, 1));
    expect(Math.max(...alphas)).toBe(STRONGEST);
    for (const ground of [...grounds, colour(css, "bg")])
      for (const side of ["for-rgb", "against-rgb"])
        for (const alpha of alphas)
          expect(contrast(colour(css, "ink"), over(colour(css, side), alpha, ground))).toBeGreaterThanOrEqual(
            4.5,
          );
  });

  it.each(themes)("leave small print 4.5 : 1 and shapes 3 : 1 on every ground, $name", ({ css, grounds }) => {
    for (const ground of [...grounds, colour(css, "bg"), colour(css, "panel")]) {
      for (const ink of ["ink", "soft", "mark"])
        expect(contrast(colour(css, ink), ground), ink).toBeGreaterThanOrEqual(4.5);
      for (const shape of ["for", "against", "focus"])
        expect(contrast(colour(css, shape), ground), shape).toBeGreaterThanOrEqual(3);
    }
    expect(contrast(colour(css, "on-for"), colour(css, "for"))).toBeGreaterThanOrEqual(4.5);
  });

  it("compute luminance as WCAG does", () => {
    expect(luminance([255, 255, 255])).toBeCloseTo(1, 10);
    expect(luminance([0, 0, 0])).toBe(0);
    expect(contrast([118, 118, 118], [255, 255, 255])).toBeCloseTo(4.54, 2);
  });

  it("take a ground that bears our inks, and no other", () => {
    expect(bearsInk([255, 255, 255], false)).toBe(true);
    expect(bearsInk([30, 30, 30], true)).toBe(true);
    expect(bearsInk([128, 128, 128], false)).toBe(false);
    expect(bearsInk([128, 128, 128], true)).toBe(false);
    expect(bearsInk([255, 255, 255], true)).toBe(false);
  });

  it("read opaque colours only", () => {
    expect(opaque("rgb(17, 18, 19)")).toEqual([17, 18, 19]);
    expect(opaque("rgba(0, 0, 0, 0)")).toBeNull();
    expect(opaque("transparent")).toBeNull();
  });

  it("grow with the weight and are never invisible", () => {
    expect(strength(-0.5, 1)).toBe(0.3);
    expect(strength(0.001, 1)).toBeGreaterThan(0);
    expect(strength(1, 0)).toBe(0);
  });
});
