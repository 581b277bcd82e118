import { describe, expect, it } from "vitest";
import { around, at, atlasOf, idsOf, towards, within } from "../atlas";
import { inkOf, lay, sweep, touched } from "../brush";
import { compose, flood, paintFor, screenOf, tint, type Wish } from "../compose";
import { outline } from "../outline";
import { atlas, grey, LABELS, SIZE } from "./pictures";

const wish = (change: Partial<Wish> = {}): Wish => ({
  weights: [
    [0, 0.2, null],
    [2, -0.1, null],
  ],
  full: 0.2,
  strength: 1,
  outlines: false,
  doubtful: false,
  off: new Set(),
  ...change,
});
const alpha = (pixel: number | undefined) => (pixel ?? 0) >>> 24;

describe("a label map", () => {
  it("is read as red + 256 × green", () => {
    expect([...idsOf(Uint32Array.of(0xff000007, 0xff000201, 0xff7bffff))]).toEqual([7, 513, 65535]);
  });

  it("knows areas, boxes, centres and neighbours", () => {
    const { areas, boxes, centres, neighbours } = atlas();
    expect([...areas]).toEqual([5, 2, 4, 1]);
    expect(boxes[2]).toEqual({ x0: 2, y0: 1, x1: 4, y1: 3 });
    expect(centres[2]).toEqual({ x: 3, y: 2 });
    expect(neighbours.map((ids) => [...ids].sort())).toEqual([
      [1, 2, 3],
      [0, 2],
      [0, 1, 3],
      [0, 2],
    ]);
  });

  it("refuses ids that the scene does not have, and another size", () => {
    const labels = Uint16Array.from(LABELS.flat());
    expect(() => atlasOf(labels, SIZE, 3)).toThrow("superpixel 3 of 3");
    expect(() => atlasOf(labels.subarray(1), SIZE, 4)).toThrow();
  });

  it("tells what lies at a point", () => {
    expect([
      at(atlas(), { x: 1.9, y: 1.1 }),
      at(atlas(), { x: 4, y: 1 }),
      at(atlas(), { x: -0.1, y: 0 }),
    ]).toEqual([3, -1, -1]);
    expect(at(atlas(), { x: Number.NaN, y: 0 })).toBe(-1);
  });

  it("gives what lies within a rectangle by the greater part", () => {
    expect(within(atlas(), { x0: 0, y0: 0, x1: 2, y1: 2 })).toEqual([0, 3]);
    expect(within(atlas(), { x0: 2, y0: 0, x1: 3, y1: 3 })).toEqual([]);
    expect(within(atlas(), { x0: -9, y0: -9, x1: 9, y1: 9 })).toEqual([0, 1, 2, 3]);
  });

  it("has a box around several", () => {
    expect(around([atlas().boxes[1], null, atlas().boxes[3]])).toEqual({ x0: 1, y0: 0, x1: 4, y1: 2 });
    expect(around([undefined])).toBeNull();
  });
});

describe("arrows", () => {
  const grid = atlasOf(
    Uint16Array.from({ length: 9 }, (_, i) => i),
    { width: 3, height: 3 },
    9,
  );

  it("lead to the neighbour on that side", () => {
    const ways = ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"];
    expect(ways.map((key) => towards(grid, 4, key))).toEqual([5, 3, 7, 1]);
  });

  it("stay at the edge, and leave other keys alone", () => {
    expect(towards(grid, 2, "ArrowRight")).toBe(2);
    expect(towards(grid, 2, "Enter")).toBeNull();
    expect(towards(grid, -1, "ArrowRight")).toBeNull();
  });

  it("leap over to what lies beyond where no neighbour does", () => {
    const apart = atlasOf(Uint16Array.of(0, 1, 0, 2), { width: 4, height: 1 }, 4);
    expect(towards(apart, 1, "ArrowRight")).toBe(2);
  });
});

describe("an outline", () => {
  it("runs around the pixels, straight runs in one step", () => {
    expect(outline(atlas(), 3)).toBe("M1 1L2 1L2 2L1 2Z");
    expect(outline(atlas(), 1)).toBe("M2 0L4 0L4 1L2 1Z");
    expect(outline(atlas(), -1)).toBe("");
  });

  it("goes around bays and holes", () => {
    const ring = atlasOf(Uint16Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0), { width: 3, height: 3 }, 2);
    const loops = outline(ring, 0).split("Z").filter(Boolean);
    expect(loops.sort()).toEqual(["M0 0L3 0L3 3L0 3", "M2 1L1 1L1 2L2 2"]);
  });

  it("closes where corners touch", () => {
    const touching = atlasOf(Uint16Array.of(0, 1, 1, 0), { width: 2, height: 2 }, 2);
    expect(outline(touching, 0).match(/Z/g)?.length).toBeGreaterThan(0);
    expect(outline(touching, 0).match(/L/g)).toHaveLength(
      outline(touching, 0).match(/Z/g)?.length === 2 ? 6 : 7,
    );
  });
});

describe("a brush", () => {
  it("meets the pixels whose middle it covers, all along its way", () => {
    const seen: number[] = [];
    sweep(
      SIZE,
      [
        { x: 0.5, y: 0.5 },
        { x: 3.5, y: 0.5 },
      ],
      0.6,
      (pixel) => seen.push(pixel),
    );
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it("touches superpixels", () => {
    expect(
      touched(
        atlas(),
        [
          { x: 1.5, y: 1.5 },
          { x: 3.5, y: 1.5 },
        ],
        0.3,
      ),
    ).toEqual([3, 2]);
    expect(
      touched(
        atlas(),
        [
          { x: -5, y: -5 },
          { x: -4, y: -5 },
        ],
        1,
      ),
    ).toEqual([]);
  });

  it("draws in opaque ink, and pastes what can be seen", () => {
    expect(inkOf("#d62801")).toBe(0xff0128d6);
    const drawn = Uint32Array.of(0, 5, 0);
    lay(drawn, Uint32Array.of(0x80010203, 0x10ffffff, 0xff000001));
    expect([...drawn]).toEqual([0xff010203, 5, 0xff000001]);
  });
});

describe("what the model would see", () => {
  it("is the drawing over the backdrop over the photograph", () => {
    const map = atlas();
    const layers = { atlas: map, pixels: new Uint32Array(12).fill(1), backdrop: new Uint32Array(12).fill(2) };
    const drawn = new Uint32Array(12);
    drawn[5] = 9;
    const out = new Uint32Array(12);
    compose(out, layers, Uint8Array.of(0, 0, 1, 1), drawn);
    expect([...out]).toEqual([1, 1, 1, 1, 1, 9, 2, 2, 1, 1, 2, 2]);
    compose(out, layers, new Uint8Array(4), new Uint32Array(0));
    expect(new Set(out)).toEqual(new Set([1]));
  });

  it("has a backdrop of one colour for each superpixel", () => {
    const colours = Uint8Array.from([1, 2, 3, 4].flatMap((value) => [value, value, value]));
    expect([...flood(atlas(), colours)]).toEqual(LABELS.flat().map((id) => grey(id + 1)));
  });
});

describe("evidence", () => {
  it("is as strong as the weight's share of the largest", () => {
    const [plain] = paintFor(4, wish());
    expect([...plain].map(alpha)).toEqual([255, 0, Math.round(255 * (0.12 + 0.88 * 0.5)), 0]);
    expect([...paintFor(4, wish({ strength: 0 }))[0]]).toEqual([0, 0, 0, 0]);
  });

  it("against is striped, for is not; in doubt both are stripes, across", () => {
    const [plain, striped] = paintFor(4, wish());
    expect([plain[0] === striped[0], plain[2] === striped[2]]).toEqual([true, false]);
    const [nothing, stripes, , falls] = paintFor(4, wish({ doubtful: true }));
    expect([nothing[0], nothing[2], alpha(stripes[0])]).toEqual([0, 0, 255]);
    expect([falls[0], falls[2]]).toEqual([1, 0]);
  });

  it("leaves what is away, which has edges instead", () => {
    const [plain, , , , edged] = paintFor(4, wish({ off: new Set([0]) }));
    expect([plain[0], ...edged]).toEqual([0, 2, 0, 0, 0]);
    expect([...paintFor(4, wish({ outlines: true }))[4]]).toEqual([1, 1, 1, 1]);
  });

  it("is drawn in the screen's pixels, by the nearest of the picture's", () => {
    const { ids } = screenOf(atlas(), { width: 8, height: 6 });
    expect([...ids.subarray(16, 24)]).toEqual([0, 0, 3, 3, 2, 2, 2, 2]);
    expect([...screenOf(atlas(), { width: 2, height: 1 }).ids]).toEqual([3, 2]);
  });

  it("comes with a line on either side of an edge", () => {
    const screen = screenOf(atlas(), SIZE);
    const out = new Uint32Array(12);
    tint(out, screen, paintFor(4, wish({ weights: [] })), 8);
    expect(new Set(out)).toEqual(new Set([0]));
    tint(out, screen, paintFor(4, wish({ weights: [], off: new Set([1]) })), 8);
    expect([...out].map((pixel) => (pixel ? (pixel & 255 ? "light" : "dark") : ""))).toEqual([
      ...["", "light", "light", "light"],
      ...["", "", "dark", "dark"],
      ...["", "", "", ""],
    ]);
  });
});
