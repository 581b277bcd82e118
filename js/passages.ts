/** A text cut into paragraphs and passages small enough to draw one at a time; joined, they are the text. */
import type { Piece } from "./contract";

export interface Item {
  readonly text: string;
  readonly feature: number;
}

export interface Passage {
  readonly start: number;
  readonly items: readonly Item[];
  readonly text: string;
  readonly features: ReadonlySet<number>;
}

export interface Layout {
  readonly items: readonly Item[];
  readonly paragraphs: readonly (readonly Passage[])[];
  /** Items that are words, in order. */
  readonly words: readonly number[];
  /** The first item of each feature. */
  readonly first: ReadonlyMap<number, number>;
}

/** A paragraph ends with its line once it is this long; a longer line goes on in the next passage. */
const ENOUGH = 120;
const MOST = 200;

/** Cut what is never absent after each line. */
function itemsOf(pieces: readonly Piece[]): Item[] {
  return pieces.flatMap(([text, feature]) =>
    feature >= 0
      ? [{ text, feature }]
      : (text.match(/[^\n]*\n|[^\n]+/g) ?? []).map((line) => ({ text: line, feature })),
  );
}

function passage(items: readonly Item[], start: number, end: number): Passage {
  const own = items.slice(start, end);
  return {
    start,
    items: own,
    text: own.map((item) => item.text).join(""),
    features: new Set(own.map((item) => item.feature)),
  };
}

function cut(items: readonly Item[]): Passage[][] {
  const paragraphs: Passage[][] = [[]];
  let start = 0;
  items.forEach(({ text }, i) => {
    const size = i + 1 - start;
    const lineEnds = text.endsWith("\n") && size >= ENOUGH;
    if (!lineEnds && size < MOST && i + 1 < items.length) return;
    paragraphs.at(-1)?.push(passage(items, start, i + 1));
    start = i + 1;
    if (text.endsWith("\n")) paragraphs.push([]);
  });
  return paragraphs.filter((passages) => passages.length > 0);
}

export function layOut(pieces: readonly Piece[]): Layout {
  const items = itemsOf(pieces);
  const words: number[] = [];
  const first = new Map<number, number>();
  items.forEach(({ feature }, i) => {
    if (feature < 0) return;
    words.push(i);
    if (!first.has(feature)) first.set(feature, i);
  });
  return { items, paragraphs: cut(items), words, first };
}
