import { describe, expect, it, vi } from "vitest";
import { type Box, lineEnd, lineOver } from "../lines";
import { layOut } from "../passages";
import { Queue } from "../queue";
import { keyOf } from "../trial";

/** Words of width 10 on lines of so many. */
const grid = (...lines: number[]) => {
  const boxes = lines.flatMap((n, y) =>
    Array.from(
      { length: n },
      (_, x): Box => ({ left: x * 10, right: x * 10 + 8, top: y * 20, bottom: y * 20 + 16 }),
    ),
  );
  return (word: number) => boxes[word] ?? null;
};

describe("lines", () => {
  const box = grid(3, 5, 1);

  it("end where the words stand lower", () => {
    expect(lineEnd(1, 1, box)).toBe(2);
    expect(lineEnd(1, -1, box)).toBe(0);
    expect(lineEnd(5, 1, box)).toBe(7);
  });

  it("lead down and up to the nearest word", () => {
    expect(lineOver(1, 1, 9, box)).toBe(4);
    expect(lineOver(4, -1, 9, box)).toBe(1);
    expect(lineOver(7, -1, 9, box)).toBe(2);
    expect(lineOver(7, 1, 9, box)).toBe(8);
  });

  it("hold the word on the first and the last of them", () => {
    expect(lineOver(1, -1, 9, box)).toBe(1);
    expect(lineOver(8, 1, 9, box)).toBe(8);
  });

  it("lead to a word that is not drawn yet", () => {
    expect(lineOver(2, 1, 9, (word) => (word < 3 ? box(word) : null))).toBe(3);
  });
});

describe("passages", () => {
  const words = (n: number, glue: string) =>
    Array.from(
      { length: n },
      (_, i) =>
        [
          ["w", i % 7],
          [glue, -1],
        ] as [string, number][],
    ).flat();

  it("are short, in one long line too", () => {
    const { paragraphs } = layOut(words(1000, " "));
    expect(paragraphs).toHaveLength(1);
    expect(Math.max(...paragraphs.flat().map(({ items }) => items.length))).toBe(200);
  });

  it("end their paragraph with a line", () => {
    const { paragraphs } = layOut(words(1000, " \n"));
    expect(paragraphs.length).toBeGreaterThan(10);
    for (const paragraph of paragraphs) expect(paragraph.at(-1)?.text.endsWith("\n")).toBe(true);
  });

  it("know their words, features and first places", () => {
    const layout = layOut([
      ["a", 4],
      [" b\n\nc ", -1],
      ["d", 2],
      ["a", 4],
    ]);
    expect(layout.words.map((i) => layout.items[i]?.text)).toEqual(["a", "d", "a"]);
    expect(layout.first.get(4)).toBe(0);
    expect(layout.items.map(({ text }) => text)).toEqual(["a", " b\n", "\n", "c ", "d", "a"]);
    expect([...(layout.paragraphs[0]?.[0]?.features ?? [])].sort()).toEqual([-1, 2, 4]);
  });

  it("are none in an empty text", () => {
    expect(layOut([]).paragraphs).toEqual([]);
  });
});

describe("the queue", () => {
  function asked() {
    const sent: string[] = [];
    let now = "a";
    const queue = new Queue(() => {
      sent.push(now);
      return { id: sent.length, about: now };
    });
    const push = (about: string) => {
      now = about;
      queue.push();
    };
    return { sent, queue, push };
  }

  it("asks the latest only, once the first is answered", () => {
    const { sent, queue, push } = asked();
    for (const about of ["a", "b", "c"]) push(about);
    expect(sent).toEqual(["a"]);
    queue.answered("a");
    expect(sent).toEqual(["a", "c"]);
    queue.answered("c");
    expect(queue.busy.value).toBe(false);
  });

  it("is not freed by an answer to something else", () => {
    const { queue, push } = asked();
    push("a");
    queue.answered("x");
    queue.failed(99);
    expect(queue.busy.value).toBe(true);
    queue.failed(1);
    expect(queue.busy.value).toBe(false);
  });

  it("loses patience with a lost answer", () => {
    vi.useFakeTimers();
    const { sent, push } = asked();
    push("a");
    vi.advanceTimersByTime(10_001);
    push("b");
    expect(sent).toEqual(["a", "b"]);
    vi.useRealTimers();
  });
});

describe("a trial", () => {
  it("is the same in whatever order it was made", () => {
    expect(keyOf({ off: [3, 1], edits: { 10: "x", 2: "y" } })).toBe(
      keyOf({ off: [1, 3], edits: { 2: "y", 10: "x" } }),
    );
    expect(keyOf({ off: [1], edits: {} })).not.toBe(keyOf({ off: [], edits: { 1: "" } }));
  });
});
