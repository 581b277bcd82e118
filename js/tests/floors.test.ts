import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

/** The floors of the page; an import leads to a lower one. */
const FLOORS = [
  ["contract.ts", "colour.ts", "late.ts", "lines.ts", "nearby.ts", "queue.ts"],
  ["format.ts", "theme.ts", "surrogate.ts", "passages.ts", "workbench.ts"],
  ["labels.ts", "trial.ts", "caret.ts"],
  ["desk.ts"],
  ["parts/"],
  ["views/"],
  ["card.tsx"],
  ["widget.ts", "page.ts"],
  ["demo.ts"],
];

const files = readdirSync("js", { recursive: true, encoding: "utf8" }).filter(
  (file) => /\.tsx?$/.test(file) && !file.startsWith("tests"),
);
const floorOf = (file: string) =>
  FLOORS.findIndex((rooms) =>
    rooms.some((room) => (room.endsWith("/") ? file.startsWith(room) : file === room)),
  );
const source = (file: string) => readFileSync(join("js", file), "utf8");

function imports(file: string): string[] {
  return [...source(file).matchAll(/from "(\.[^"]+)"/g)].map(([, path]) => {
    const bare = join(dirname(file), path ?? "");
    return files.find((other) => other.replace(/\.tsx?$/, "") === bare) ?? bare;
  });
}

describe("the page's floors", () => {
  it.each(files)("%s stands on one of them and imports strictly downwards", (file) => {
    expect(floorOf(file)).toBeGreaterThanOrEqual(0);
    for (const other of imports(file)) {
      expect(floorOf(other), `${file} imports ${other}`).toBeGreaterThanOrEqual(0);
      expect(floorOf(other), `${file} imports ${other}`).toBeLessThan(floorOf(file));
    }
  });

  it("are read from real imports", () => {
    expect(imports("widget.ts").sort()).toEqual(["card.tsx", "contract.ts"]);
    expect(imports("views/text.tsx")).toContain("parts/bars.tsx");
  });

  it("let only the widget know the notebook's model", () => {
    expect(files.filter((file) => source(file).includes("@anywidget"))).toEqual(["widget.ts"]);
  });

  it("let only the contract spell a verb", () => {
    const spelt = /"(aim|probe|sample|withdraw)"|verb: "/;
    expect(files.filter((file) => spelt.test(source(file)))).toEqual(["contract.ts", "demo.ts"]);
  });

  it("never parse HTML", () => {
    const parsing = /innerHTML|insertAdjacentHTML|dangerously|outerHTML|createContextualFragment/;
    expect(files.filter((file) => parsing.test(source(file)))).toEqual([]);
  });

  it("keep every file within 200 lines", () => {
    for (const file of files) expect(source(file).split("\n").length, file).toBeLessThanOrEqual(201);
  });

  it("prefix every class in the sheet", () => {
    const sheet = source("style.css").replace(/\/\*[\s\S]*?\*\//g, "");
    const foreign = [...sheet.matchAll(/\.([a-z][\w-]*)(?=[^{}]*\{)/g)].filter(
      ([, name]) => !/^rt(-|$)/.test(name ?? ""),
    );
    expect(foreign.map(([all]) => all)).toEqual([]);
  });
});
