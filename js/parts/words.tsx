/** A passage of text: words that can be taken away where the reader is near, plain text elsewhere. */
import { useComputed, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Caret } from "../caret";
import { strength } from "../colour";
import type { Desk } from "../desk";
import { hint, label, type Told } from "../labels";
import type { Nearby } from "../nearby";
import type { Item, Passage } from "../passages";
import { largest } from "../surrogate";

export interface Page {
  readonly desk: Desk;
  readonly caret: Caret;
  readonly nearby: Nearby;
}

/** Drawn at once, before the observer has spoken. */
const AT_ONCE = 600;

export function Words({ page, passage }: { page: Page; passage: Passage }) {
  const { caret, nearby } = page;
  const ref = useRef<HTMLSpanElement>(null);
  const near = useSignal(passage.start < AT_ONCE);
  const held = useComputed(() => holds(passage, caret.at.value));
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    return nearby.watch(element, caret.root, (isNear) => {
      near.value = isNear;
    });
  }, [caret, nearby, near]);
  return (
    <span ref={ref} class="rt-passage">
      {near.value || held.value ? <Drawn page={page} passage={passage} /> : passage.text}
    </span>
  );
}

const holds = ({ start, items }: Passage, item: number) => item >= start && item < start + items.length;

function Drawn({ page, passage }: { page: Page; passage: Passage }) {
  const { desk, caret } = page;
  const within = (item: number) => (holds(passage, item) ? item : -1);
  const hot = useComputed(() => (passage.features.has(desk.hover.value) ? desk.hover.value : -1));
  const at = useComputed(() => within(caret.at.value));
  const typing = useComputed(() => within(caret.typing.value));
  useLayoutEffect(() => caret.settle());
  return (
    <>
      {passage.items.map((item, k) => {
        const place = passage.start + k;
        if (item.feature < 0) return item.text;
        if (place === typing.value) return <Typing key={place} page={page} item={item} place={place} />;
        return word(desk, item, place, item.feature === hot.value, place === at.value);
      })}
    </>
  );
}

/** A word in the role of a button. */
export function word(desk: Desk, { text, feature }: Item, place: number, hot: boolean, stop: boolean) {
  const { scene, reading, shown, digits, marks, trial } = desk;
  const told: Told = {
    name: text,
    weight: shown.value.get(feature),
    off: trial.off.value.has(feature),
    typed: trial.edits.value.get(feature),
    mark: marks.value.get(feature),
  };
  return (
    // A native button is an atomic inline: a comma would leave its word, left-to-right words would swap
    // places in a right-to-left line, and a sentence could not run on. So a word is a span in a button's role.
    // biome-ignore lint/a11y/useSemanticElements: see above
    <span
      key={place}
      role="button"
      class={classes(told, hot)}
      style={told.weight && `--rt-a:${strength(told.weight[1], largest(reading.value.weights))}`}
      tabIndex={stop ? 0 : -1}
      data-item={place}
      data-feature={feature}
      aria-pressed={told.off}
      aria-label={label(scene, reading.value.target, digits.value, told)}
      title={hint(told)}
      dir={told.typed === undefined ? undefined : "auto"}
    >
      {told.typed ?? text}
    </span>
  );
}

function classes({ weight, off, typed, mark }: Told, hot: boolean): string {
  return [
    "rt-word",
    weight && (weight[1] < 0 ? "rt-against" : "rt-for"),
    off && "rt-off",
    typed !== undefined && "rt-edited",
    mark && "rt-marked",
    hot && "rt-hot",
  ]
    .filter(Boolean)
    .join(" ");
}

/** Replace a word by another string; by nothing: take it away; by its own name: put it back. */
function replace(desk: Desk, { feature, text: original }: Item, text: string): void {
  const { off, edits } = desk.trial.look.peek();
  const { [feature]: typed, ...others } = edits;
  const present = off.filter((other) => other !== feature);
  if (text === original) desk.keep({ off: present, edits: others });
  else if (text === "") desk.keep({ off: [...present, feature], edits: others });
  else desk.keep({ off: present, edits: { ...others, [feature]: text } });
}

/** A word being typed over. Enter and leaving keep what was typed, Escape does not. */
function Typing({ page: { desk, caret }, item, place }: { page: Page; item: Item; place: number }) {
  const ref = useRef<HTMLInputElement>(null);
  const now = desk.trial.edits.peek().get(item.feature) ?? item.text;
  const leave = (keep: boolean, refocus: boolean) => {
    if (caret.typing.peek() !== place) return;
    caret.typing.value = -1;
    if (keep) replace(desk, item, ref.current?.value ?? now);
    else desk.ask();
    if (refocus) caret.focus(place);
  };
  useLayoutEffect(() => {
    ref.current?.focus();
    ref.current?.select();
  }, []);
  return (
    <input
      ref={ref}
      class="rt-input rt-typing"
      defaultValue={now}
      style={`width:${Math.max(now.length, 3) + 3}ch`}
      aria-label={`in place of ${item.text}`}
      autocomplete="off"
      spellcheck={false}
      onBlur={() => leave(true, false)}
      onKeyDown={(event) => {
        if (event.key === "Enter") leave(true, true);
        else if (event.key === "Escape") leave(false, true);
      }}
    />
  );
}
