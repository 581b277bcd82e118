/** One tab stop for a whole text: the word it stands on, and where the keys take it. */
import { signal } from "@preact/signals";
import { type Box, lineEnd, lineOver } from "./lines";
import type { Layout } from "./passages";

export class Caret {
  /** The item that takes the focus, or −1 in a text without words. */
  readonly at = signal(-1);
  /** The item being typed over, or −1. */
  readonly typing = signal(-1);
  root: HTMLElement | null = null;
  private goal = -1;
  private readonly ordinal: ReadonlyMap<number, number>;

  constructor(private readonly layout: Layout) {
    this.at.value = layout.words[0] ?? -1;
    this.ordinal = new Map(layout.words.map((item, word) => [item, word]));
  }

  /** Focus an item; one that is not drawn yet takes the focus as soon as it is. */
  focus(item: number): void {
    this.goal = item;
    this.at.value = item;
    this.settle();
  }

  /** Called after each drawing. */
  settle(): void {
    const element = this.goal >= 0 ? this.find(this.goal) : null;
    if (!element) return;
    this.goal = -1;
    element.focus();
  }

  /** The item a key leads to, or null for other keys. */
  target(key: string, far: boolean): number | null {
    const { words } = this.layout;
    const here = this.ordinal.get(this.at.peek()) ?? 0;
    const box = (word: number) => this.box(word);
    const moves: Record<string, () => number> = {
      ArrowRight: () => Math.min(here + 1, words.length - 1),
      ArrowLeft: () => Math.max(here - 1, 0),
      ArrowDown: () => lineOver(here, 1, words.length, box),
      ArrowUp: () => lineOver(here, -1, words.length, box),
      Home: () => (far ? 0 : lineEnd(here, -1, box)),
      End: () => (far ? words.length - 1 : lineEnd(here, 1, box)),
    };
    const word = moves[key]?.();
    return word === undefined ? null : (words[word] ?? null);
  }

  private find(item: number): HTMLElement | null {
    return this.root?.querySelector<HTMLElement>(`[data-item="${item}"]`) ?? null;
  }

  private box(word: number): Box | null {
    const item = this.layout.words[word];
    return (item === undefined ? null : this.find(item)?.getClientRects()[0]) ?? null;
  }
}
