/** What is marked: read again, found, given another reason, taken back, kept in a file. */
import { useSignal } from "@preact/signals";
import type { Mark, Scope } from "../contract";
import { Button } from "../parts/button";
import { sessionVerbs } from "../sessions";
import { walk } from "../walk";
import { Lead, Step } from "./step";
import type { Loop } from "./store";

interface Props {
  readonly loop: Loop;
}

const SCOPES: Readonly<Record<Scope, string>> = {
  everywhere: "everywhere",
  label: "one label",
  instance: "one only",
};
/** More than these are looked for by name. */
const FEW = 8;

export function Marks({ loop }: Props) {
  const marks = loop.state.marks.value;
  const query = useSignal("");
  const sought = query.value.trim().toLowerCase();
  const found = marks.flatMap(({ name, because }, i) =>
    `${name} ${because}`.toLowerCase().includes(sought) ? [i] : [],
  );
  return (
    <section class="rt-marked-part">
      <Step number={2}>
        Marked as untrustworthy {marks.length > 0 && <span class="rt-count">{marks.length}</span>}
      </Step>
      {marks.length === 0 && <Lead>Nothing yet. Flag a reason that should not count, and say why.</Lead>}
      {marks.length > FEW && (
        <input
          class="rt-input rt-filter"
          type="search"
          placeholder="filter"
          aria-label="filter what is marked"
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
          }}
        />
      )}
      <ul class="rt-mark-lines" aria-label="marks" onKeyDown={walk} {...(!loop.marks && { tabIndex: 0 })}>
        {found.map((i, k) => (
          <Line key={marks[i]?.name} loop={loop} mark={marks[i]} place={i} tabIndex={k ? -1 : 0} />
        ))}
      </ul>
      {marks.length > 0 && found.length === 0 && <p class="rt-none">no mark is called so</p>}
      <Files loop={loop} />
    </section>
  );
}

interface LineProps extends Props {
  readonly mark: Mark | undefined;
  readonly place: number;
  readonly tabIndex: number;
}

function Line({ loop, mark, place, tabIndex }: LineProps) {
  if (!mark) return null;
  const { name, scope, because } = mark;
  return (
    <li class="rt-mark-line">
      <span class="rt-mark-name" title={name}>
        {name}
      </span>
      <span class="rt-mark-scope">{SCOPES[scope]}</span>
      <span class="rt-mark-because" title={because}>
        {because || "no reason given"}
      </span>
      {loop.marks && (
        <span class="rt-mark-acts">
          <Button
            class="rt-link"
            tabIndex={tabIndex}
            onClick={(event) => loop.ask("marks", place, mark, event.currentTarget)}
          >
            edit<span class="rt-unseen"> the mark on {name}</span>
          </Button>
          <Button
            class="rt-close"
            tabIndex={tabIndex}
            aria-label={`take the mark on ${name} back`}
            onClick={() => loop.send(sessionVerbs.withdraw([place]))}
          >
            ×
          </Button>
        </span>
      )}
    </li>
  );
}

/** Marks travel as a file of JSON. */
const Files = ({ loop }: Props) => (
  <p class="rt-files">
    {loop.state.marks.value.length > 0 && (
      <Button class="rt-link" onClick={() => save(JSON.stringify(loop.state.ledger.value, null, 1))}>
        Export
      </Button>
    )}
    {loop.marks && (
      <label class="rt-link">
        Import
        <input
          class="rt-unseen"
          type="file"
          accept=".json"
          onChange={(event) => take(loop, event.currentTarget)}
        />
      </label>
    )}
  </p>
);

/** Hand a file to the browser; nothing leaves the page. */
function save(text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "marks.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

async function take(loop: Loop, input: HTMLInputElement): Promise<void> {
  const file = input.files?.[0];
  if (file) loop.send(sessionVerbs.import(await file.text()));
  input.value = "";
}

/** What looks like the same artefact as what is marked. */
export function Siblings({ loop }: Props) {
  const suggestions = loop.suggestions;
  if (suggestions.length === 0) return null;
  const accept = (ids: readonly number[], why: string) => loop.mark("suggestions", ids, why, loop.widest);
  return (
    <section class="rt-siblings">
      <Step>Travels with them</Step>
      <ul>
        {suggestions.map(({ id, name, evidence }) => (
          <li key={id}>
            <span class="rt-mark-name" title={name}>
              {name}
            </span>
            {loop.marks && (
              <Button
                aria-label={`mark ${name} too`}
                title="half a correction can be worse than none"
                class="rt-button rt-too"
                onClick={() => accept([id], evidence[0] ?? "")}
              >
                mark
              </Button>
            )}
            <span class="rt-evidence-said">{evidence.join(" · ")}</span>
          </li>
        ))}
      </ul>
      {loop.marks && suggestions.length > 1 && (
        <Button
          class="rt-link"
          onClick={() =>
            accept(
              suggestions.map(({ id }) => id),
              "travels with what is marked",
            )
          }
        >
          Mark them all
        </Button>
      )}
    </section>
  );
}
