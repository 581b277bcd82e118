import { describe, expect, it } from "vitest";
import {
  cellAt,
  columnsSeen,
  follow,
  full,
  linesOf,
  moved,
  othersOf,
  rowsSeen,
  turned,
  weightAt,
  weightsOf,
} from "../pick/cells";
import { acrossIn, inOrder, orAll, places, union } from "../pick/order";
import {
  amongWhich,
  cell,
  cut,
  gain,
  halves,
  names,
  ordinal,
  percent,
  split,
  step,
  truth,
} from "../pick/say";
import { tableOf, where } from "../pick/table";
import { picked, scene } from "./picks";

const lines = linesOf(scene().matrix);

describe("the sparse matrix", () => {
  it("knows what an instance has, and what a cell weighs", () => {
    expect([...othersOf(lines, 1)]).toEqual([1, 0]);
    expect([...weightsOf(lines, 1)]).toEqual([-0.3, 0.2]);
    expect([weightAt(lines, 1, 0), weightAt(lines, 1, 3)]).toEqual([0.2, 0]);
    expect(full(lines)).toBe(0.5);
  });

  it("turned, knows where a feature occurs; turned twice it is itself by places", () => {
    const columns = turned(lines, 4);
    expect([...columns.starts]).toEqual([0, 3, 5, 6, 7]);
    expect([...othersOf(columns, 0)]).toEqual([0, 1, 4]);
    expect([...weightsOf(columns, 0)]).toEqual([0.4, 0.2, -0.1]);
    const again = turned(columns, 5);
    for (let row = 0; row < 5; row++)
      for (let feature = 0; feature < 4; feature++)
        expect(weightAt(again, row, feature)).toBe(weightAt(lines, row, feature));
  });

  it("may be empty", () => {
    const none = linesOf({ starts: [0, 0], features: [], weights: [] });
    expect([full(none), weightAt(none, 0, 0), othersOf(turned(none, 3), 2).length]).toEqual([0, 0, 0]);
  });

  it("tells where a feature is strongest first", () => {
    expect(where(tableOf(scene()), 0)).toEqual([0, 1, 4]);
    expect(where(tableOf(scene()), 1)).toEqual([2, 1]);
  });
});

describe("orders", () => {
  const known = { lines, chosen: [1, 3], targets: [0, 1, 0, 1, 0] };
  const all = [0, 1, 2, 3, 4];

  it("of rows: picked first, own, total weight, class", () => {
    expect(inOrder(all, "picked", known)).toEqual([1, 3, 0, 2, 4]);
    expect(inOrder([4, 0, 2], "given", known)).toEqual([0, 2, 4]);
    expect(inOrder(all, "weight", known)).toEqual([0, 1, 2, 3, 4]);
    expect(inOrder([4, 3, 2, 0], "weight", known)).toEqual([0, 2, 3, 4]);
    expect(inOrder(all, "class", known)).toEqual([0, 2, 4, 1, 3]);
  });

  it("of columns: importance, count, name", () => {
    const { features } = scene();
    expect(acrossIn([3, 0, 2], "importance", features)).toEqual([0, 2, 3]);
    expect(acrossIn([3, 2, 1, 0], "count", features)).toEqual([0, 1, 2, 3]);
    expect(acrossIn([0, 1, 2, 3], "name", features)).toEqual([2, 3, 1, 0]);
  });

  it("of numbers in names are those of numbers", () => {
    const words = ["word 10", "word 9"].map((name) => ({ name, count: 1, importance: 1 }));
    expect(acrossIn([0, 1], "name", words)).toEqual([1, 0]);
  });
});

describe("long names", () => {
  it("keep the number at their end", () => {
    expect(halves("visual word 12")).toEqual(["visual word", " 12"]);
    expect(halves("Posting")).toEqual(["Posting", ""]);
    expect(cut("visual word 12", 10)).toBe("visual… 12");
    expect(cut("visual word 12", 14)).toBe("visual word 12");
    expect(cut("Organization", 10)).toBe("Organizat…");
  });
});

describe("looking for names", () => {
  it("minds neither case nor accents nor spaces around", () => {
    expect(places(["Posting", "élan", "ELAN vital"], " Élan ")).toEqual([1, 2]);
    expect(places(["Posting", "Host"], "")).toEqual([0, 1]);
    expect(places(["a.c", "abc"], ".")).toEqual([0]);
  });

  it("shows all where nothing is found, and unites what was added", () => {
    expect([orAll([], [1, 2]), orAll([2], [1, 2])]).toEqual([[1, 2], [2]]);
    expect([...union([[0, 1], [2], [3]], 2)]).toEqual([0, 1, 2]);
  });
});

describe("the geometry of the matrix", () => {
  const plan = { cell: 10, titles: 100, names: 50 };
  const window = { left: 25, top: 0, width: 200, height: 100 };
  const shape = { rows: 2000, columns: 8000 };

  it("draws only the rows and columns that are seen", () => {
    expect(columnsSeen(window, plan, 8000)).toEqual([2, 13]);
    expect(rowsSeen(window, plan, 2000)).toEqual([0, 6]);
    expect(rowsSeen({ ...window, top: 19_960 }, plan, 2000)).toEqual([1996, 2000]);
    expect(rowsSeen(window, plan, 3)).toEqual([0, 3]);
  });

  it("finds the cell at a point, a name, a title, and nothing beyond", () => {
    expect(cellAt(100, 50, window, plan, shape)).toEqual({ row: 0, column: 2 });
    expect(cellAt(106, 61, window, plan, shape)).toEqual({ row: 1, column: 3 });
    expect(cellAt(100, 49, window, plan, shape)).toEqual({ row: -1, column: 2 });
    expect(cellAt(99, 50, window, plan, shape)).toEqual({ row: 0, column: -1 });
    expect(cellAt(10, 10, window, plan, shape)).toBeNull();
    expect(cellAt(100, 80, window, plan, { rows: 3, columns: 9 })).toBeNull();
  });

  it("scrolls no farther than a cell needs to be seen whole", () => {
    expect(follow({ row: 4, column: 5 }, window, plan)).toEqual({ left: 25, top: 0 });
    expect(follow({ row: 9, column: 1 }, window, plan)).toEqual({ left: 10, top: 50 });
    expect(follow({ row: 0, column: 30 }, window, plan)).toEqual({ left: 210, top: 0 });
  });

  it("moves by keys and stays within", () => {
    const here = { row: 1, column: 1 };
    const to = (key: string) => moved(here, key, 20, { rows: 30, columns: 4 });
    expect([to("ArrowUp"), to("ArrowLeft")]).toEqual([
      { row: 0, column: 1 },
      { row: 1, column: 0 },
    ]);
    expect([to("PageDown"), to("PageUp")]).toEqual([
      { row: 21, column: 1 },
      { row: 0, column: 1 },
    ]);
    expect([to("Home"), to("End")]).toEqual([
      { row: 1, column: 0 },
      { row: 1, column: 3 },
    ]);
    expect(to("Tab")).toBeNull();
  });
});

describe("the panel's words", () => {
  it("say shares without claiming nothing where there is something", () => {
    expect([0.654, 0.001, 0, undefined].map(percent)).toEqual(["65 %", "<1 %", "0 %", "–"]);
    expect([1, 2, 3, 4, 11, 12, 13, 21, 102].map(ordinal).join(" ")).toBe(
      "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd",
    );
  });

  it("say what the next one adds", () => {
    expect(step(picked(), 1)).toBe("2 show 90 %, the 2nd adds 20 %");
    expect(step(picked(), 0)).toBe("1 shows 70 %, the 1st adds 70 %");
    expect(gain([0.5, 0.75], 1)).toBe(0.25);
  });

  it("say among which instances was picked", () => {
    const classes = ["atheism", "christian"];
    expect(amongWhich(picked(), classes)).toBe("5 instances");
    expect(amongWhich(picked({ among: 1, errors: true, target: 1 }), classes)).toBe("1 error for christian");
  });

  it("say whether the model is right, as far as it is known", () => {
    const [first, second] = scene().instances;
    if (!first || !second) throw new Error("no instances");
    expect([first, second, { ...first, label: null }].map((one) => truth(scene(), one))).toEqual([
      "right",
      "wrong, it is atheism",
      "",
    ]);
  });

  it("say which classes a feature speaks for, and against", () => {
    const [posting, host] = scene().features;
    if (!posting || !host) throw new Error("no features");
    expect(split(scene(), posting)).toBe("for atheism 2.50, for christian 0.50");
    expect(split(scene(), host)).toBe("for atheism 1.00, against christian 1.00");
    expect(names(scene().features, [0, 1, 2], 2)).toBe("Posting, Host and 1 more");
  });

  it("say what a cell holds", () => {
    expect(cell(scene(), 1, 1, -0.3, 3)).toBe("1 · Easter · Host · −0.300 against christian");
    expect(cell(scene(), 0, 1, 0, 3)).toBe("0 · Darwin fish · Host · no weight");
  });
});
