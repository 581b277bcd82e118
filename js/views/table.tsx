/** A row of a table with its reasons in place: each column on a line. */
import { useMemo } from "preact/hooks";
import type { TableScene } from "../contract";
import { count } from "../format";
import { Legend } from "../parts/bars";
import { Button } from "../parts/button";
import { MarkList } from "../parts/marks";
import { Line } from "../table/line";
import { Table } from "../table/store";
import { Locality, Tools } from "../table/tools";
import type { BodyProps, View } from "../view";

export const table: View<TableScene> = {
  Body,
  invitation: "click a name to have its column drawn from the other rows, or type another value",
  parts: "columns",
  guess: "intercept and the weights of the conditions that hold; a slope counts by its value",
  keys: [
    ["↑ ↓", "move among columns"],
    ["Tab", "move to the column's value"],
    ["Space", "have it drawn from the others, put it back"],
    ["M", "mark it as untrustworthy"],
    ["Enter", "take the value that was typed"],
    ["Escape", "leave the value as it was"],
  ],
};

/** M marks the column, or the word, whose name has the focus. */
function mark(table: Table, event: KeyboardEvent): void {
  const name = event.target as HTMLElement;
  const id = Number(name.closest<HTMLElement>(".rt-col")?.dataset.feature);
  const meant = event.key.toLowerCase() === "m" && !event.ctrlKey && !event.metaKey;
  if (!meant || !name.matches(".rt-name") || !table.scene.features[id]) return;
  table.desk.flag(id, name, undefined, table.called(id));
  event.preventDefault();
}

/** Up and down lead to the same control of another column, or to its name. */
function walk(table: Table, event: KeyboardEvent): void {
  const from = event.target as HTMLElement;
  const columns = table.drawn.peek();
  const here = columns.indexOf(Number(from.closest<HTMLElement>(".rt-col")?.dataset.column));
  const moves: Record<string, number> = {
    ArrowDown: here + 1,
    ArrowUp: here - 1,
    Home: 0,
    End: columns.length - 1,
  };
  const next = columns[moves[event.key] ?? -1];
  if (!from.matches("button") || here < 0 || next === undefined) return;
  const row = (event.currentTarget as HTMLElement).querySelector(`[data-column="${next}"]`);
  const kind = from.dataset.stop?.replace(/-.*/, "");
  const goal =
    row?.querySelector<HTMLElement>(`[data-stop^="${kind}"]`) ??
    row?.querySelector<HTMLElement>("[data-stop]");
  goal?.focus();
  event.preventDefault();
}

function Body({ desk, scene, Side }: BodyProps<TableScene>) {
  const table = useMemo(() => new Table(desk, scene), [desk, scene]);
  return (
    <div class="rt-body rt-alone">
      <div class="rt-table">
        <Tools table={table} />
        <Locality {...desk.reading.value} />
        <Columns table={table} />
        {!Side && <MarkList desk={desk} />}
      </div>
      {Side && <Side desk={desk} toggles onName={(feature) => desk.toggle(feature)} />}
    </div>
  );
}

function Columns({ table }: { table: Table }) {
  const { some, rest, fixed } = table.groups.value;
  const open = !table.folds.value || table.unfolded.value;
  const beside = table.scene.others[table.beside.value];
  return (
    <ul
      class={beside ? "rt-cols rt-two" : "rt-cols"}
      aria-label="columns"
      onKeyDown={(event) => {
        walk(table, event);
        mark(table, event);
      }}
    >
      <Head table={table} beside={beside?.title} />
      {some.map((at) => (
        <Line key={at} table={table} at={at} />
      ))}
      {table.folds.value && <Fold table={table} n={rest.length + fixed.length} />}
      {open && [...rest, ...fixed].map((at) => <Line key={at} table={table} at={at} />)}
      {some.length + rest.length + fixed.length === 0 && <li class="rt-none">no column is called so</li>}
    </ul>
  );
}

const Head = ({ table: { desk, scene }, beside }: { table: Table; beside: string | undefined }) => (
  <li class="rt-col rt-col-head" aria-hidden>
    <span class="rt-col-name">column</span>
    <span class="rt-cell">value</span>
    <span class="rt-histogram">training rows</span>
    {beside !== undefined && (
      <span class="rt-other" title={beside}>
        {beside}
      </span>
    )}
    <span class="rt-col-sides">
      <Legend scene={scene} target={desk.reading.value.target} />
    </span>
  </li>
);

const Fold = ({ table: { unfolded }, n }: { table: Table; n: number }) => (
  <li class="rt-col-fold">
    <Button
      class="rt-link"
      aria-expanded={unfolded.value}
      onClick={() => {
        unfolded.value = !unfolded.peek();
      }}
    >
      {unfolded.value ? "hide" : "show"} the other {count(n)} columns, which have no weight here
    </Button>
  </li>
);
