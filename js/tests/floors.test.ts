import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

/** The floors of the page; an import leads to a lower one. */
const FLOORS = [
  ["bytes.ts", "colour.ts", "keys.ts", "late.ts", "lines.ts", "maths.ts", "nearby.ts", "queue.ts"],
  ["contract.ts", "atlas.ts", "theme.ts"],
  [
    "format.ts",
    "surrogate.ts",
    "passages.ts",
    "workbench.ts",
    "brush.ts",
    "canvas.ts",
    "compose.ts",
    "outline.ts",
  ],
  ["labels.ts", "trial.ts", "caret.ts", "photo.ts", "demo-pictures.ts"],
  ["desk.ts", "demo-image.ts"],
  ["told.ts", "view.ts"],
  ["easel.ts"],
  ["gestures.ts", "sheets.ts"],
  ["parts/button.tsx"],
  ["parts/field.tsx", "parts/many.tsx"],
  ["parts/"],
  ["views/"],
  ["card.tsx"],
  ["notebook.ts", "saved.ts"],
  ["widget.ts", "page.ts", "image.ts", "page-image.ts"],
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
    expect(imports("widget.ts").sort()).toEqual(["notebook.ts", "views/parts.tsx", "views/text.tsx"]);
    expect(imports("views/text.tsx")).toContain("parts/bars.tsx");
  });

  it("let only one file know the notebook's model, and one the canvas", () => {
    expect(files.filter((file) => source(file).includes("@anywidget"))).toEqual(["notebook.ts"]);
    expect(files.filter((file) => /getContext|createImageBitmap/.test(source(file)))).toEqual([
      "canvas.ts",
      "demo-pictures.ts",
    ]);
  });

  it("let only the contract spell a verb", () => {
    const spelt = /"(aim|probe|sample|withdraw|reshape)"|verb: "/;
    expect(files.filter((file) => spelt.test(source(file)))).toEqual([
      "contract.ts",
      "demo-image.ts",
      "demo.ts",
    ]);
  });

  it("keep each view out of the other's bundle", () => {
    const reached = (file: string): string[] => [file, ...imports(file).flatMap(reached)];
    expect(reached("image.ts")).not.toContain("views/text.tsx");
    for (const room of ["widget.ts", "page.ts"]) expect(reached(room)).not.toContain("canvas.ts");
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
