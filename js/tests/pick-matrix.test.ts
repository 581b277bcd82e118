import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PickScene } from "../panels";
import { scene, state } from "./picks";
import { settled, small, stage } from "./stage";

/** A pen that remembers what it filled, wrote and framed. */
class Pen {
  readonly done: (readonly [what: string, ...how: unknown[]])[] = [];
  fillStyle = "";
  strokeStyle = "";
  globalAlpha = 1;
  at: readonly [number, number] = [0, 0];
  fillRect(...box: number[]): void {
    this.done.push(["fill", this.fillStyle, this.globalAlpha, ...box]);
  }
  strokeRect(...box: number[]): void {
    this.done.push(["frame", this.strokeStyle, ...box]);
  }
  fillText(text: string): void {
    this.done.push(["text", text, this.fillStyle]);
  }
  drawImage({ src }: { src: string }, ...box: number[]): void {
    this.done.push(["picture", src, ...box]);
  }
  save(): void {}
  restore(): void {}
  beginPath(): void {}
  rect(): void {}
  clip(): void {}
  translate(): void {}
  rotate(): void {}
  setTransform(): void {}
}

let pen = new Pen();
const [WIDTH, HEIGHT] = [600, 300];
const [TITLES, NAMES, CELL] = [210, 96, 18];

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation((() => {
    pen = new Pen();
    return pen;
  }) as never);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(WIDTH);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(HEIGHT);
  const style = getComputedStyle;
  const inks = { getPropertyValue: (name: string) => name.replace("--rt-", ""), fontFamily: "sans" };
  vi.stubGlobal("getComputedStyle", (element: Element) =>
    element.tagName === "CANVAS" ? inks : style(element),
  );
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

type Page = Awaited<ReturnType<typeof stage>>;
const sheet = (page: Page) => page.one(".rt-matrix-scroll");
const filled = (ink: string) => pen.done.filter(([what, how]) => what === "fill" && how === ink);
const written = () => pen.done.flatMap(([what, text]) => (what === "text" ? [text as string] : []));
/** The pointer in the middle of a cell. */
const pointer = (page: Page, type: string, row: number, column: number) =>
  sheet(page).dispatchEvent(
    new PointerEvent(type, {
      bubbles: true,
      clientX: TITLES + column * CELL + CELL / 2,
      clientY: NAMES + row * CELL + CELL / 2,
    }),
  );
const focus = async (page: Page) => {
  vi.spyOn(sheet(page), "matches").mockReturnValueOnce(true);
  sheet(page).dispatchEvent(new FocusEvent("focus"));
  await settled();
};

describe("the matrix", () => {
  it("is painted: blue for, orange with a bar across against, uncovered ones faint", async () => {
    await stage(state());
    const [blue, orange] = [filled("for"), filled("against")];
    expect([blue.length, orange.length]).toEqual([5, 2]);
    const strongest = blue.map(([, , alpha]) => alpha as number);
    expect(Math.max(...strongest)).toBe(1);
    const fish = blue.find(([, , , left]) => left === TITLES + 3 * CELL + 1.5);
    expect(fish?.[2]).toBeCloseTo(0.38 * (0.22 + 0.78 * Math.sqrt(0.1 / 0.5)));
    expect(filled("bg").filter(([, , , , , , height]) => height === 2)).toHaveLength(2);
  });

  it("has the picked on top with their ranks, and the names of the features", async () => {
    await stage(state());
    expect(written()).toEqual([
      ...[
        "1",
        "1 · Easter",
        "2",
        "3 · Morality",
        "0 · Darwin fish",
        "2 · Where are they",
        "4 · Another fish",
      ],
      ...["Posting", "Host", "élan", "fish"],
    ]);
  });

  it("is sorted both ways", async () => {
    const page = await stage(state());
    const [rows, columns] = page.all(".rt-matrix select");
    await page.type(rows as HTMLElement, "class", "change");
    await page.type(columns as HTMLElement, "name", "change");
    expect(written().filter((text) => text.includes(" · "))[0]).toBe("0 · Darwin fish");
    expect(written().slice(-4)).toEqual(["élan", "fish", "Host", "Posting"]);
  });

  it("of 2,000 by 8,000 paints only what is seen", async () => {
    const [feature, instance] = [scene().features[0], scene().instances[0]];
    const size = { features: 8000, instances: 2000 };
    const features = Array.from({ length: size.features }, () => feature);
    const instances = Array.from({ length: size.instances }, () => instance);
    const matrix = {
      starts: Array.from({ length: size.instances + 1 }, (_, i) => 20 * i),
      features: Array.from({ length: 20 * size.instances }, (_, i) => (i * 397) % size.features),
      weights: Array.from({ length: 20 * size.instances }, () => 0.1),
    };
    const page = await stage(state({ scene: scene({ features, instances, matrix } as Partial<PickScene>) }));
    expect(pen.done.length).toBeLessThan(300);
    expect(page.one(".rt-matrix-sheet").style.width).toBe(`${TITLES + 8000 * CELL + 2}px`);
    Object.assign(sheet(page), { scrollLeft: 90_000, scrollTop: 30_000 });
    sheet(page).dispatchEvent(new Event("scroll"));
    expect(pen.done.length).toBeLessThan(300);
    expect(written()[0]).toContain("1666 ·");
  });

  it("says in words what is pointed at, and lights its feature in the list", async () => {
    const page = await stage(state());
    expect(page.text(".rt-readout")).toContain("for its class");
    pointer(page, "pointermove", 0, 1);
    await settled();
    expect(page.text(".rt-readout")).toBe("1 · Easter · Host · −0.300 against christian");
    expect(page.text(".rt-long-row.rt-hot .rt-name")).toBe("Host");
    expect(pen.done.some(([what, ink]) => what === "frame" && ink === "ink")).toBe(true);
    sheet(page).dispatchEvent(new PointerEvent("pointerleave"));
    await settled();
    expect(page.has(".rt-long-row.rt-hot")).toBe(false);
  });

  it("opens the row of a click, and shows where the feature of a clicked name occurs", async () => {
    const page = await stage(state());
    pointer(page, "click", 2, 0);
    pointer(page, "click", -1, 1);
    await settled();
    expect(page.bench.sent).toEqual([{ verb: "open", id: 1, row: 0 }]);
    expect(page.text(".rt-found .rt-caption")).toBe("2 instances with Host");
  });

  it("is walked by keys, with each cell spoken; Enter opens, Space shows where", async () => {
    const page = await stage(state());
    const reached = vi.fn();
    document.body.addEventListener("keydown", reached);
    await focus(page);
    const spoken = () => page.text(".rt-matrix [role=status]");
    expect(spoken()).toBe("1 · Easter · Posting · +0.200 for christian");
    await page.press(sheet(page), "ArrowRight");
    expect(spoken()).toBe("1 · Easter · Host · −0.300 against christian");
    await page.press(sheet(page), "ArrowDown");
    expect(spoken()).toBe("3 · Morality · Host · no weight");
    expect(pen.done.at(-1)).not.toBeUndefined();
    expect(pen.done.filter(([what, ink]) => what === "frame" && ink === "focus")).toHaveLength(1);
    await page.press(sheet(page), "Enter", { shiftKey: true });
    expect(page.bench.sent).toEqual([]);
    await page.press(sheet(page), "Enter");
    expect(page.bench.sent).toEqual([{ verb: "open", id: 1, row: 3 }]);
    await page.press(sheet(page), " ");
    expect(page.text(".rt-found .rt-caption")).toBe("2 instances with Host");
    document.body.removeEventListener("keydown", reached);
    expect(reached).toHaveBeenCalledTimes(1);
    sheet(page).dispatchEvent(new FocusEvent("blur"));
    await settled();
    expect(spoken()).toBe("");
  });

  it("is painted anew in another theme, and no longer after its end", async () => {
    const page = await stage(state());
    const before = pen;
    page.one(".rt").classList.add("rt-other");
    await settled();
    expect(pen).not.toBe(before);
    const last = pen;
    page.end();
    await page.later(page.bench, { look: { off: [], edits: {}, top: null, budget: 1 } });
    expect(pen).toBe(last);
  });

  it("says how many weights it does without", async () => {
    const page = await stage(state({ scene: scene({ left_out: 1234 }) }));
    expect(page.text(".rt-left-out")).toBe("the 1,234 smallest weights are not in this matrix");
  });

  it("lights the picked rows and the covered columns as far as there are cells", async () => {
    await stage(state());
    const boxes = filled("lit").map(([, , , ...box]) => box);
    const columns = [0, 1, 2].map((i) => [TITLES + i * CELL, NAMES, CELL, 5 * CELL]);
    const rows = [0, 1].map((i) => [TITLES, NAMES + i * CELL, 4 * CELL, CELL]);
    expect(boxes).toEqual([...columns, ...rows]);
  });

  it("shows what a feature looks like under its name, once that has been read", async () => {
    vi.stubGlobal(
      "Image",
      class {
        src = "";
        decode = async () => {
          if (this.src.endsWith("broken")) throw new Error("no picture");
        };
      },
    );
    const pictures = ["UklGRg==", "broken"];
    const features = scene().features.map((feature, i) => ({ ...feature, picture: pictures[i] ?? null }));
    await stage(state({ scene: scene({ features }) }));
    await settled();
    expect(pen.done.filter(([what]) => what === "picture")).toEqual([
      ["picture", "data:image/webp;base64,UklGRg==", TITLES + 1, NAMES - 3, CELL - 2, CELL - 2],
    ]);
    expect(filled("lit")[0]?.[4]).toBe(NAMES + CELL);
  });

  it("has the row that is open in the ground of what is pointed at", async () => {
    await stage(state({ instance: { ...small().scene, row: 4 }, readings: small().readings }));
    const bands = filled("line").filter(([, , , left, , , height]) => left === TITLES && height === CELL);
    expect(bands.map(([, , , , top]) => top)).toEqual([NAMES + 4 * CELL]);
  });
});
