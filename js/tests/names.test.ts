import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
// @ts-expect-error: plain JavaScript, since Node reads it when it bundles
import * as names from "../names";

const { OWN, SHORTENED, SPELT }: { OWN: readonly string[]; SHORTENED: RegExp; SPELT: RegExp } = names;

const read = (path: string) => readFileSync(path, "utf8");
const sources = readdirSync("js", { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith("tests"))
  .map((file) => read(`js/${file}`))
  // What is spelt in a type is gone in the bundle.
  .map((text) => text.replace(/(Pick|Omit)<[^>]*>|\w+\["\w+"\]/g, ""));

/** Every key of a JSON value. */
function keysOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

describe("names that the bundles shorten", () => {
  it("never cross between Python and the page", () => {
    const crossing = readdirSync("tests/contract").flatMap((name) =>
      keysOf(JSON.parse(read(`tests/contract/${name}`))),
    );
    expect(crossing.length).toBeGreaterThan(100);
    expect(crossing.filter((key) => SHORTENED.test(key))).toEqual([]);
  });

  it("are never spelt as strings, which would not be shortened", () => {
    const spelt = OWN.filter((name) => sources.some((text) => text.includes(`"${name}"`)));
    expect(spelt).toEqual([]);
  });

  it("are not read from attributes of data", () => {
    expect(OWN.filter((name) => sources.some((text) => text.includes(`data-${name}=`)))).toEqual([]);
  });

  it("are no attributes or properties of elements", () => {
    const elements = ["a", "button", "input", "select", "option", "form", "canvas", "svg", "label"].map(
      (tag) => document.createElement(tag),
    );
    expect(OWN.filter((name) => elements.some((element) => name in element))).toEqual([]);
  });

  it("are all used, each once in the list", () => {
    expect(new Set(OWN).size).toBe(OWN.length);
    const used = (name: string) => sources.some((text) => new RegExp(`\\b${name}\\b`).test(text));
    expect(OWN.filter((name) => !used(name))).toEqual([]);
  });

  it("leave those of Preact alone that its signals spell", () => {
    const signals = read("node_modules/@preact/signals/dist/signals.mjs");
    const spelt = [...signals.matchAll(/"(__\w{0,2})"/g)].map(([, name]) => name ?? "");
    expect(spelt.length).toBeGreaterThan(0);
    expect(spelt.filter((name) => !SPELT.test(name))).toEqual([]);
  });
});
