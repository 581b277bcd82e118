import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Piece } from "../contract";
import { settled, small, stage } from "./stage";

/** An observer that says what it is told to. */
class Eye {
  static readonly all: Eye[] = [];
  readonly seen = new Set<Element>();
  constructor(
    private readonly tell: IntersectionObserverCallback,
    readonly options: IntersectionObserverInit,
  ) {
    Eye.all.push(this);
  }
  observe(element: Element): void {
    this.seen.add(element);
  }
  unobserve(element: Element): void {
    this.seen.delete(element);
  }
  async look(target: Element, isIntersecting: boolean): Promise<void> {
    this.tell([{ target, isIntersecting } as unknown as IntersectionObserverEntry], this as never);
    await settled();
  }
}

const WORDS = 3000;
const pieces = Array.from({ length: WORDS }, (_, i): Piece[] => [
  [`w${i}`, i],
  [i % 10 === 9 ? "\n" : " ", -1],
]).flat();
const whole = pieces.map(([text]) => text).join("");

function long() {
  const state = small();
  const features = Array.from({ length: WORDS }, (_, i) => ({ name: `w${i}` }));
  return { ...state, scene: { ...state.scene, features, pieces } };
}

describe("a long text", () => {
  beforeEach(() => {
    Eye.all.length = 0;
    vi.stubGlobal("IntersectionObserver", Eye);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("is all there as text, and has words only where the reader is", async () => {
    const page = await stage(long());
    expect(page.text(".rt-text")).toBe(whole);
    expect(page.all(".rt-word").length).toBeLessThan(600);
    expect(Eye.all.map(({ options }) => options.root)).toEqual([page.one(".rt-text")]);
  });

  it("draws a passage that comes near, and lets it go again", async () => {
    const page = await stage(long());
    const passage = page.all(".rt-passage")[20] as HTMLElement;
    const text = passage.textContent;
    expect(passage.querySelector(".rt-word")).toBeNull();
    await Eye.all[0]?.look(passage, true);
    expect(passage.querySelectorAll(".rt-word").length).toBeGreaterThan(20);
    expect(passage.textContent).toBe(text);
    await Eye.all[0]?.look(passage, false);
    expect(passage.querySelector(".rt-word")).toBeNull();
  });

  it("draws what the keys lead to, and keeps it while it has the focus", async () => {
    const page = await stage(long());
    page.word("w0").focus();
    await page.press(page.word("w0"), "End", { ctrlKey: true });
    expect(document.activeElement?.textContent).toBe(`w${WORDS - 1}`);
    const last = page.all(".rt-passage").at(-1) as HTMLElement;
    await Eye.all[0]?.look(last, false);
    expect(document.activeElement?.textContent).toBe(`w${WORDS - 1}`);
  });

  it("is found by a bar, however far its word", async () => {
    const state = long();
    const page = await stage({
      ...state,
      readings: [{ ...state.readings[0], weights: [[2500, 0.3, null]] }],
    });
    await page.click(page.one(".rt-name"));
    expect(document.activeElement?.textContent).toBe("w2500");
  });

  it("watches nothing after its end", async () => {
    const page = await stage(long());
    expect(Eye.all[0]?.seen.size).toBeGreaterThan(10);
    page.end();
    expect(Eye.all[0]?.seen.size).toBe(0);
  });
});
