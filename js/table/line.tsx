/** A column on its line: whether it counts, its value, its place among the training rows, its weight. */
import type { Condition, Prose, TableColumn } from "../contract";
import { MISSING } from "../labels";
import { Flag } from "../parts/reasons";
import { Frame, Other, type Props, stops, Toggle, Weighed } from "./cells";
import { Histogram, Shares } from "./histogram";
import type { Table } from "./store";
import { Story } from "./story";
import { Options, Typed } from "./value";

export function Line({ table, at }: Props) {
  const column = table.column(at);
  const id = table.featureOf(at);
  if (column.kind === "text") return <Story table={table} at={at} column={column} />;
  if (id === undefined || column.kind === "constant") return <Fixed table={table} at={at} />;
  return <Whole table={table} at={at} id={id} column={column} />;
}

function Whole({ table, at, id, column }: Props & { id: number; column: Exclude<TableColumn, Prose> }) {
  const { desk } = table;
  const off = desk.trial.off.value.has(id);
  const tabIndex = stops(table, at);
  const now = table.now(at);
  const fails = !off && !table.holds(id) ? " rt-fails" : "";
  return (
    <Frame table={table} at={at} feature={id} class={off ? " rt-off" : fails}>
      <Flag desk={desk} feature={id} name={column.name} tabStop={tabIndex ? "" : `flag-${id}`} />
      <span class="rt-col-name">
        <Toggle table={table} id={id} name={column.name} focused={!tabIndex} />
        <small class="rt-soft rt-condition">{off ? "drawn from the others" : saidOf(table, id)}</small>
      </span>
      {(column.kind === "number" || column.kind === "date") && (
        <>
          <Typed table={table} at={at} column={column} tabIndex={tabIndex} />
          <Histogram column={column} now={now} />
        </>
      )}
      {column.kind === "category" && (
        <>
          <Options table={table} at={at} column={column} tabIndex={tabIndex} />
          <Shares column={column} now={now} />
        </>
      )}
      <Other table={table} at={at} tabIndex={tabIndex} />
      <Weighed table={table} id={id} />
    </Frame>
  );
}

/** A condition, where it says more than name and value do. */
function saidOf({ scene }: Table, id: number): string {
  const { name, low, high } = scene.features[id] as Condition;
  return low === undefined && high === undefined ? "" : name;
}

/** A column of which there is nothing to be known: it is the same in all rows. */
const Fixed = ({ table, at }: Props) => (
  <li class="rt-col rt-col-fixed" data-column={at}>
    <span class="rt-col-name">{table.column(at).name}</span>
    <span class="rt-cell">{table.column(at).value || MISSING}</span>
    <span class="rt-col-none">the same in all rows</span>
  </li>
);
