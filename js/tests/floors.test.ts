import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

/** The floors of the page; an import leads to a lower one. */
const FLOORS = [
  [
    "bytes.ts",
    "colour.ts",
    "keys.ts",
    "late.ts",
    "lines.ts",
    "maths.ts",
    "nearby.ts",
    "queue.ts",
    "walk.ts",
    "wish.ts",
  ],
  ["scene.ts"],
  ["traits.ts"],
  ["contract.ts", "atlas.ts", "theme.ts"],
  [
    "panels.ts",
    "format.ts",
    "surrogate.ts",
    "passages.ts",
    "workbench.ts",
    "brush.ts",
    "canvas.ts",
    "compose.ts",
    "outline.ts",
  ],
  ["sessions.ts", "labels.ts", "trial.ts", "caret.ts", "photo.ts", "demo-pictures.ts"],
  ["desk.ts", "demo-image.ts", "demo-many.ts", "demo-table.ts"],
  ["told.ts", "view.ts"],
  ["easel.ts", "panelhost.ts"],
  ["gestures.ts", "sheets.ts"],
  ["parts/button.tsx"],
  ["parts/field.tsx", "parts/many.tsx", "parts/reasons.tsx"],
  ["parts/"],
  ["side.tsx"],
  ["table/store.ts", "table/histogram.tsx", "table/run.tsx"],
  ["table/tools.tsx", "table/value.tsx", "table/cells.tsx"],
  ["table/story.tsx"],
  ["table/line.tsx"],
  ["views/image.tsx"],
  ["views/"],
  ["study/chart.tsx", "study/figure.tsx", "study/tree.tsx"],
  ["study/moves.tsx", "study/widths.tsx", "study/missed.tsx", "study/near.tsx", "study/beyond.tsx"],
  ["study/panel.tsx"],
  ["card.tsx"],
  ["pick/cells.ts"],
  ["pick/order.ts", "pick/pictures.ts", "pick/say.ts", "pick/table.ts"],
  ["pick/store.ts"],
  ["pick/sight.ts", "pick/rows.tsx", "pick/glimpse.tsx"],
  [
    "pick/paint.ts",
    "pick/list.tsx",
    "pick/found.tsx",
    "pick/curve.tsx",
    "pick/features.tsx",
    "pick/head.tsx",
  ],
  ["pick/matrix.tsx"],
  ["pair/compare.ts", "pair/store.ts"],
  ["pair/order.ts"],
  ["pair/opened.ts", "pair/list.tsx"],
  ["pair/rows.tsx", "pair/foot.tsx"],
  ["pair/instance.tsx"],
  ["session/behind.ts"],
  ["session/say.ts", "session/store.ts", "session/step.tsx", "session/tree.ts"],
  ["session/form.tsx"],
  [
    "session/changed.tsx",
    "session/history.tsx",
    "session/marks.tsx",
    "session/next.tsx",
    "session/opened.tsx",
    "session/plan.tsx",
  ],
  ["panel.tsx", "pick/panel.tsx", "pair/panel.tsx", "session/panel.tsx"],
  ["notebook.ts", "saved.ts"],
  [
    "widget.ts",
    "image.ts",
    "table.ts",
    "pick.ts",
    "pick-image.ts",
    "pick-table.ts",
    "pair.ts",
    "session.ts",
    "session-image.ts",
    "session-table.ts",
    "page.ts",
    "page-image.ts",
    "page-pick.ts",
    "page-pick-image.ts",
    "page-pair.ts",
    "page-session.ts",
    "page-session-image.ts",
    "page-table.ts",
    "page-pick-table.ts",
    "page-session-table.ts",
  ],
  ["demo-pick.ts", "demo-pair.ts", "demo-pair-image.ts"],
  ["demo-changes.ts", "demo-loop.ts"],
  ["demo-session.ts"],
  ["demo.ts"],
];

const files = readdirSync("js", { recursive: true, encoding: "utf8" }).filter(
  (file) => /\.tsx?$/.test(file) && !file.startsWith("tests"),
);
const sheets = readdirSync("js").filter((file) => file.endsWith(".css"));
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
    expect(imports("views/text.tsx")).toContain("parts/words.tsx");
  });

  it("let only one file know the notebook's model, and one the canvas", () => {
    expect(files.filter((file) => source(file).includes("@anywidget"))).toEqual(["notebook.ts"]);
    expect(files.filter((file) => /getContext|createImageBitmap/.test(source(file)))).toEqual([
      "canvas.ts",
      "demo-pictures.ts",
    ]);
  });

  it("let only the contract spell a verb, and its further part those of a session", () => {
    const spelt = /"(aim|probe|sample|withdraw|reshape)"|verb: "/;
    expect(files.filter((file) => spelt.test(source(file)))).toEqual([
      "contract.ts",
      "demo-image.ts",
      "demo-pair-image.ts",
      "demo-pair.ts",
      "demo-pick.ts",
      "demo-session.ts",
      "demo-table.ts",
      "demo.ts",
      "sessions.ts",
    ]);
  });

  it("keep each view out of the other's bundle", () => {
    const reached = (file: string): string[] => [file, ...imports(file).flatMap(reached)];
    expect(reached("image.ts")).not.toContain("views/text.tsx");
    expect(reached("pick.ts")).not.toContain("pair/panel.tsx");
    expect(reached("pair.ts")).not.toContain("pick/panel.tsx");
    expect(reached("session.ts")).not.toContain("canvas.ts");
    for (const room of ["pick.ts", "pair.ts", "image.ts"]) expect(reached(room)).not.toContain("sessions.ts");
    expect(reached("pick-image.ts")).not.toContain("parts/chosen.tsx");
    for (const room of ["widget.ts", "page.ts"]) expect(reached(room)).not.toContain("canvas.ts");
  });

  it("never parse HTML", () => {
    const parsing = /innerHTML|insertAdjacentHTML|dangerously|outerHTML|createContextualFragment/;
    expect(files.filter((file) => parsing.test(source(file)))).toEqual([]);
  });

  it("keep every file within 200 lines", () => {
    for (const file of files) expect(source(file).split("\n").length, file).toBeLessThanOrEqual(201);
  });

  it.each(sheets)("prefix every class in %s", (name) => {
    const sheet = source(name).replace(/\/\*[\s\S]*?\*\/|@import .*/g, "");
    const foreign = [...sheet.matchAll(/\.([a-z][\w-]*)(?=[^{}]*\{)/g)].filter(
      ([, name]) => !/^rt(-|$)/.test(name ?? ""),
    );
    expect(foreign.map(([all]) => all)).toEqual([]);
  });
});
