import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { verbs } from "../contract";
import { decodes, pictured } from "./pictures";
import { answer, questions, says, settled, stage } from "./stage";

let encoded: Uint32Array[];
beforeEach(() => {
  encoded = decodes();
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 40, 30));
  HTMLElement.prototype.setPointerCapture = () => {};
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A picture of 4 × 3 pixels, ten times as large on the screen. */
async function open(state: object = pictured()) {
  const page = await stage(state);
  await vi.waitFor(() => page.one("[role=application]"));
  const picture = page.one("[role=application]");
  const point = async (type: string, [x, y]: readonly [number, number], keys: PointerEventInit = {}) => {
    const { PointerEvent } = window;
    picture.dispatchEvent(
      new PointerEvent(type, { bubbles: true, button: 0, clientX: x, clientY: y, ...keys }),
    );
    await settled();
  };
  const drag = async (...way: (readonly [number, number])[]) => {
    await point("pointerdown", way[0] as [number, number]);
    for (const place of way.slice(1)) await point("pointermove", place);
    await point("pointerup", way.at(-1) as [number, number]);
  };
  const click = async (place: readonly [number, number], keys: PointerEventInit = {}) => {
    await point("pointerdown", place, keys);
    await point("pointerup", place, keys);
  };
  const button = (name: string) => {
    const found = page.all("button").find(({ textContent }) => textContent === name);
    if (!found) throw new Error(`no button is ${name}`);
    return found as HTMLButtonElement;
  };
  const off = () => [...page.bench.get("look").off].sort();
  const lines = (kind: string) =>
    page
      .all(`.rt-line.${kind}`)
      .map((line) => Number(line.dataset.feature ?? line.getAttribute("data-feature")));
  return { ...page, picture, point, drag, touch: click, button, off, lines };
}

describe("a superpixel", () => {
  it("is taken away by a click, and both answer", async () => {
    const page = await open();
    await page.touch([5, 5]);
    expect(page.off()).toEqual([0]);
    expect(page.bench.sent).toEqual([{ verb: "probe", id: 1, off: [0], edits: {}, painted: false }]);
    await page.later(page.bench, { probe: { ...answer([0], 0.35).probe, painted: false } });
    expect(says(page)).toEqual({ surrogate: "0.40", model: "0.35", gap: "gap 0.05" });
    await page.touch([5, 5]);
    expect(page.off()).toEqual([]);
  });

  it("lights its bar, and its bar lights it", async () => {
    const page = await open();
    await page.point("pointermove", [35, 25]);
    expect(page.lines("rt-hot")).toEqual([2]);
    expect(page.one(".rt-row.rt-hot").dataset.feature).toBe("2");
    page.one('.rt-row[data-feature="0"]').dispatchEvent(new Event("pointerenter"));
    await settled();
    expect(page.lines("rt-hot")).toEqual([0]);
  });

  it("is taken away with its neighbours under Shift, and chosen under Ctrl", async () => {
    const page = await open();
    await page.touch([15, 15], { shiftKey: true });
    expect(page.off()).toEqual([0, 2, 3]);
    await page.touch([35, 5], { ctrlKey: true });
    expect(page.off()).toEqual([0, 2, 3]);
    expect(page.lines("rt-chosen")).toEqual([1]);
    expect(page.button("Select").getAttribute("aria-pressed")).toBe("true");
  });

  it("is taken away by a rectangle around its greater part; where all are away they come back", async () => {
    const page = await open();
    await page.drag([0, 0], [10, 10], [20, 20]);
    expect(page.off()).toEqual([0, 3]);
    await page.drag([0, 0], [20, 20]);
    expect(page.off()).toEqual([]);
  });

  it("is taken away by the brush, all along", async () => {
    const page = await open();
    await page.click(page.button("Brush"));
    await page.drag([15, 15], [25, 15], [35, 15]);
    expect(page.off()).toEqual([2, 3]);
    await page.drag([15, 15], [25, 15]);
    expect(page.off()).toEqual([]);
  });
});

describe("keys", () => {
  it("walk over the picture, which says where they are, and take away", async () => {
    const page = await open();
    page.picture.focus();
    await settled();
    expect(page.text(".rt-easel [role=status]")).toBe("superpixel 0, for cat +0.300, present, middle left");
    await page.press(page.picture, "ArrowRight");
    expect(page.text(".rt-easel [role=status]")).toContain("superpixel 3, no weight");
    await page.press(page.picture, " ");
    expect(page.off()).toEqual([3]);
    await page.press(page.picture, " ", { shiftKey: true });
    expect(page.off()).toEqual([]);
  });

  it("mark, and the mark is this picture's alone", async () => {
    const page = await open();
    page.picture.focus();
    await page.press(page.picture, "m");
    expect(page.one("[role=dialog]").getAttribute("aria-label")).toBe("Mark superpixel 0 as untrustworthy");
    page.one("form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    expect(page.bench.sent).toEqual([{ id: 1, ...verbs.mark([0], "", "instance") }]);
    expect(document.activeElement).toBe(page.picture);
  });

  it("leave what is not theirs to the host", async () => {
    const page = await open();
    page.picture.focus();
    const event = new KeyboardEvent("keydown", { key: "s", ctrlKey: true, bubbles: true, cancelable: true });
    page.picture.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(false);
  });
});

describe("superpixels that are chosen", () => {
  it("are merged, which puts all back first", async () => {
    const page = await open({ ...pictured(), look: { off: [3], edits: {}, top: null } });
    await page.click(page.button("Select"));
    await page.touch([5, 5]);
    expect(page.button("Merge").disabled).toBe(true);
    await page.touch([35, 5]);
    await page.click(page.button("Merge"));
    expect(page.bench.sent.at(-1)).toEqual({ id: 2, ...verbs.reshape([[0, 1]], []) });
    expect(page.off()).toEqual([]);
    expect(page.lines("rt-chosen")).toEqual([]);
  });

  it("are split, and marked together", async () => {
    const page = await open();
    await page.click(page.button("Select"));
    await page.drag([0, 0], [20, 20]);
    await page.click(page.button("Mark"));
    expect(page.one("[role=dialog]").getAttribute("aria-label")).toBe(
      "Mark superpixel 0, superpixel 3 as untrustworthy",
    );
    await page.press(page.one("[role=dialog] input"), "Escape");
    await page.click(page.button("Split"));
    expect(page.bench.sent).toEqual([{ id: 1, ...verbs.reshape([], [0, 3]) }]);
  });

  it("wait while the model is sampled", async () => {
    const page = await open({ ...pictured(), status: { ...pictured().status, phase: "sampling" } });
    await page.touch([5, 5], { metaKey: true });
    expect(page.button("Split").disabled).toBe(true);
  });
});

describe("a drawing", () => {
  it("is asked about when the stroke ends, and the surrogate knows nothing of it", async () => {
    const page = await open();
    await page.click(page.button("Draw"));
    await page.drag([5, 5], [15, 5]);
    await vi.waitFor(() => expect(page.bench.sent).toHaveLength(1));
    expect(page.bench.sent).toEqual([{ verb: "probe", id: 1, off: [], edits: {}, painted: true }]);
    expect(page.bench.buffers[0]).toHaveLength(1);
    expect([...(encoded[0] as Uint32Array)].slice(0, 4)).toEqual([0xff2828d6, 0xff2828d6, 0, 0]);
    await page.later(page.bench, { probe: { ...answer([], 0.5).probe, painted: true } });
    expect(says(page)).toEqual({ surrogate: "0.70", model: "0.50", gap: "gap 0.20" });
    expect(page.text(".rt-trial")).toContain("with");
  });

  it("is asked about again when it has grown; an answer to the one before does not count", async () => {
    const page = await open();
    await page.click(page.button("Draw"));
    await page.drag([5, 5]);
    await vi.waitFor(() => expect(page.bench.sent).toHaveLength(1));
    await page.drag([35, 25]);
    await page.later(page.bench, { probe: { ...answer([], 0.5).probe, painted: true } });
    await vi.waitFor(() => expect(page.bench.sent).toHaveLength(2));
    expect(page.has(".rt-stale")).toBe(true);
    await page.later(page.bench, { probe: { ...answer([], 0.4).probe, painted: true } });
    expect(page.text(".rt-model")).toBe("0.40");
  });

  it("is cleared, which needs no answer", async () => {
    const page = await open();
    await page.click(page.button("Draw"));
    await page.drag([5, 5]);
    await vi.waitFor(() => expect(page.bench.sent).toHaveLength(1));
    await page.click(page.button("Clear drawing"));
    expect(page.has(".rt-trial")).toBe(false);
    expect(page.text(".rt-model")).toBe("0.80");
    await page.drag([35, 25]);
    await vi.waitFor(() => expect(encoded).toHaveLength(2));
    expect((encoded[1] as Uint32Array)[0]).toBe(0);
  });
});

describe("a picture", () => {
  it("selects nothing where superpixels cannot be merged or split", async () => {
    const page = await open({ ...pictured(), status: { ...pictured().status, can: ["probe"] } });
    await page.touch([5, 5], { ctrlKey: true });
    expect(page.lines("rt-chosen")).toEqual([]);
    expect(page.has(".rt-chosen-bar")).toBe(false);
    expect(page.off()).toEqual([0]);
  });

  it("offers neither drawing nor cutting where no model is at hand", async () => {
    const page = await open({ ...pictured(), status: { ...pictured().status, can: [] } });
    expect(page.all(".rt-segment").map(({ textContent }) => textContent)).toEqual(["Click", "Brush"]);
    await page.touch([5, 5]);
    expect(page.text(".rt-answers")).toContain("model not attached");
  });

  it("shows itself as it is, and nothing can be taken from it meanwhile", async () => {
    const page = await open({
      ...pictured(),
      marks: [{ name: "superpixel 1", scope: "instance", because: "", features: [1] }],
    });
    expect(page.lines("rt-marked")).toEqual([1]);
    await page.click(page.button("Original"));
    expect(page.lines("rt-marked")).toEqual([]);
    await page.touch([5, 5]);
    expect(page.off()).toEqual([]);
  });

  it("keeps its tools when it is cut anew, and asks nothing of numbers that are gone", async () => {
    const page = await open();
    await page.click(page.button("Outlines"));
    const { scene, labels, backdrop, readings } = pictured({ weights: [[0, 0.2, null]] });
    await page.later(page.bench, { scene: { ...scene }, labels, backdrop, readings } as never);
    await vi.waitFor(() => expect(page.all(".rt-row")).toHaveLength(1));
    expect(page.button("Outlines").getAttribute("aria-pressed")).toBe("true");
    expect(questions(page.bench)).toEqual([]);
  });

  it("says what is wrong with it", async () => {
    const page = await stage({ ...pictured(), labels: pictured().pixels });
    await vi.waitFor(() => page.one("[role=alert]"));
    expect(page.text("[role=alert]")).toContain("the label map speaks of superpixel");
  });
});
