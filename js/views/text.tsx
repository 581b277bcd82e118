/** A text with its reasons in place, beside their bars. */
import { useMemo } from "preact/hooks";
import { Caret } from "../caret";
import type { Look, TextScene } from "../contract";
import { runsCell } from "../keys";
import { Nearby } from "../nearby";
import { type Page, Words } from "../parts/words";
import { layOut } from "../passages";
import { Side as Reasons } from "../side";
import type { BodyProps, View } from "../view";

const HELP =
  "The text, word by word. Arrow keys move, Space takes a word away or puts it back, F2 replaces it, M marks it.";

export const text: View<TextScene> = {
  Body: Text,
  invitation: "click a word to take it away, double-click to replace it",
  parts: "words",
  guess: "intercept and the weights of what is present; a replaced word counts as absent",
  keys: [
    ["← → ↑ ↓", "move among words, or among bars"],
    ["Space", "take the word away, put it back"],
    ["F2", "type another in its place"],
    ["M", "mark it as untrustworthy"],
  ],
};

function Text({ desk, scene, Side = Reasons }: BodyProps<TextScene>) {
  const layout = useMemo(() => layOut(scene.pieces), [scene]);
  const page = useMemo(() => ({ desk, caret: new Caret(layout), nearby: new Nearby() }), [desk, layout]);
  const hands = useMemo(() => handsFor(page), [page]);
  const rooted = (element: HTMLElement | null) => {
    page.caret.root = element;
  };
  return (
    <div class="rt-body">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is not a text */}
      <div ref={rooted} class="rt-text" role="group" aria-label={HELP} {...hands}>
        {layout.paragraphs.map((passages) => (
          <div key={passages[0]?.start} class="rt-paragraph" dir="auto">
            {passages.map((passage) => (
              <Words key={passage.start} page={page} passage={passage} />
            ))}
          </div>
        ))}
      </div>
      <Side
        desk={desk}
        toggles={false}
        onName={(feature) => page.caret.focus(layout.first.get(feature) ?? -1)}
      />
    </div>
  );
}

interface Place {
  readonly element: HTMLElement;
  readonly item: number;
  readonly feature: number;
}

function placeOf(event: Event): Place | null {
  const element = (event.target as Element).closest<HTMLElement>(".rt-word");
  return element && { element, item: Number(element.dataset.item), feature: Number(element.dataset.feature) };
}

/** All that pointer and keys do to words, for the text as a whole. */
function handsFor({ desk, caret }: Page) {
  let first: { readonly place: Place; readonly before: Pick<Look, "off" | "edits"> } | null = null;
  const toggle = (place: Place) => {
    first = { place, before: desk.trial.look.peek() };
    desk.toggle(place.feature);
  };
  const replace = ({ item }: Place) => {
    caret.typing.value = item;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const place = placeOf(event);
    if (!place || event.altKey || event.metaKey || runsCell(event)) return;
    const item = caret.target(event.key, event.ctrlKey);
    if (item !== null) caret.focus(item);
    else if (event.key === " " || event.key === "Enter") toggle(place);
    else if (event.key === "F2") replace(place);
    else if (event.key.toLowerCase() === "m" && !event.ctrlKey) desk.flag(place.feature, place.element);
    else return;
    event.preventDefault();
  };
  return {
    onKeyDown,
    onClick: (event: MouseEvent) => {
      const place = placeOf(event);
      if (event.detail < 2) first = null;
      if (place && event.detail < 2) toggle(place);
    },
    // The first click has taken the word away; put it back unasked before it is typed over. The second may have
    // met another word: one that was replaced by a longer one is short again once it is away.
    onDblClick: () => {
      if (!first) return;
      const { off, edits } = first.before;
      desk.keep({ off, edits }, false);
      replace(first.place);
    },
    onPointerOver: (event: PointerEvent) => {
      desk.hover.value = placeOf(event)?.feature ?? -1;
    },
    onPointerLeave: () => {
      desk.hover.value = -1;
    },
    onFocusIn: (event: FocusEvent) => {
      const place = placeOf(event);
      if (!place) return;
      caret.at.value = place.item;
      desk.hover.value = place.feature;
    },
    onFocusOut: () => {
      desk.hover.value = -1;
    },
  };
}
