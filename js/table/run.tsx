/** The words of a column in a row: each is taken away and put back where it stands. */
import { useSignal } from "@preact/signals";
import type { Piece } from "../contract";
import type { Desk } from "../desk";
import { runsCell } from "../keys";
import { word } from "../parts/words";

interface Props {
  readonly desk: Desk;
  readonly pieces: readonly Piece[];
  readonly say: string;
  /** Whether its words take the focus. */
  readonly focused: boolean;
}

const wordOf = (event: Event) => (event.target as Element).closest<HTMLElement>(".rt-word");

export function Run({ desk, pieces, say, focused }: Props) {
  const at = useSignal(0);
  const first = pieces.findIndex(([, id]) => id >= 0);
  const stop = (pieces[at.value]?.[1] ?? -1) < 0 ? first : at.value;
  const hover = (event: Event) => {
    desk.hover.value = Number(wordOf(event)?.dataset.feature ?? -1);
  };
  const toggle = (event: Event) => {
    const found = wordOf(event);
    if (found) desk.toggle(Number(found.dataset.feature));
  };
  const press = (event: KeyboardEvent) => {
    const here = wordOf(event);
    if (!here || event.ctrlKey || event.metaKey || event.altKey || runsCell(event)) return;
    const words = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>(".rt-word")];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) words[words.indexOf(here) + step]?.focus();
    else if (event.key === " " || event.key === "Enter") toggle(event);
    else if (event.key.toLowerCase() === "m") desk.flag(Number(here.dataset.feature), here);
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is not a text
    <div
      class="rt-text"
      role="group"
      aria-label={`${say}, word by word`}
      dir="auto"
      onClick={toggle}
      onKeyDown={press}
      onPointerOver={hover}
      onFocusIn={(event) => {
        at.value = Number(wordOf(event)?.dataset.item ?? at.value);
        hover(event);
      }}
    >
      {pieces.map(([text, feature], i) =>
        feature < 0
          ? text
          : word(desk, { text, feature }, i, desk.hover.value === feature, focused && i === stop),
      )}
    </div>
  );
}
