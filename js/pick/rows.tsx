/** A long list of which only what is near is drawn; one tab stop, arrows move. */
import { useSignal } from "@preact/signals";
import type { ComponentChild } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { floor, max, min } from "../maths";
import { stepOf } from "./cells";
import { following } from "./store";

interface Props {
  readonly label: string;
  readonly items: readonly number[];
  /** The height of one, in pixels, and how many are seen at a time. */
  readonly height: number;
  readonly tall: number;
  /** Whether nothing in it takes the focus, so that it must itself. */
  readonly still?: boolean;
  /** Draws one; its buttons have a `data-kind`, and the tab index given. */
  readonly children: (item: number, tabIndex: number) => ComponentChild;
  readonly hot?: (item: number) => string;
  readonly onPoint?: (item: number) => void;
}

/** Drawn beyond what is seen, at either end. */
const MARGIN = 4;

export function Rows({ label, items, height, tall, still, children, hot, onPoint }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | null>(null);
  const first = useSignal(0);
  const at = useSignal(0);
  const last = max(items.length - 1, 0);
  const here = min(at.value, last);
  const from = max(0, min(first.value, items.length - tall) - MARGIN);
  const near = items.slice(from, from + tall + 2 * MARGIN).map((_, k) => from + k);
  const drawn = near.includes(here) || !items.length ? near : [...near, here];
  useLayoutEffect(() => {
    if (!wanted.current) return;
    scroller.current
      ?.querySelector<HTMLElement>(`[data-at="${here}"] [data-kind="${wanted.current}"]`)
      ?.focus();
    wanted.current = null;
  });
  const go = (to: number, kind: string) => {
    at.value = to;
    wanted.current = kind;
    const box = scroller.current;
    if (box) box.scrollTop = min(to * height, max(box.scrollTop, (to + 1 - tall) * height));
  };
  const keys = (event: KeyboardEvent) => {
    const { kind } = (event.target as HTMLElement).dataset;
    const to = stepOf(event.key, here, tall, last);
    if (!kind || (to === null && !sideways(event))) return;
    if (to !== null) go(to, kind);
    event.preventDefault();
  };
  return (
    <div
      ref={scroller}
      class="rt-long"
      {...(still && items.length > tall && { tabIndex: 0, role: "group", "aria-label": label })}
      style={`max-height:${tall * height}px`}
      onScroll={(event) => {
        first.value = floor(event.currentTarget.scrollTop / height);
      }}
    >
      <ul aria-label={label} style={`height:${items.length * height}px`} onKeyDown={keys}>
        {drawn.map((place) => {
          const item = items[place] as number;
          return (
            <li
              key={item}
              class={`rt-long-row${hot?.(item) ?? ""}`}
              style={`top:${place * height}px;height:${height}px`}
              data-at={place}
              aria-setsize={items.length}
              aria-posinset={place + 1}
              onFocusCapture={() => {
                at.value = place;
              }}
              {...(onPoint && following((on) => onPoint(on ? item : -1)))}
            >
              {children(item, place === here ? 0 : -1)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** Left and right, among the buttons of one row. */
function sideways({ key, target }: KeyboardEvent): boolean {
  const move = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (!move) return false;
  const buttons = [...((target as Element).closest("li")?.querySelectorAll("button") ?? [])];
  buttons[buttons.indexOf(target as HTMLButtonElement) + move]?.focus();
  return true;
}
