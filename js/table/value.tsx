/** A column's value, to be typed over or chosen anew. */
import type { Category, Measured } from "../contract";
import { MISSING } from "../labels";
import { round } from "../maths";
import type { Table } from "./store";

interface Props<C> {
  readonly table: Table;
  readonly at: number;
  readonly column: C;
  readonly tabIndex: number;
}

const dress = (table: Table, at: number) => (table.now(at) === table.column(at).value ? "" : " rt-edited");

/** A date with its time of day is typed as text. */
const kindOf = (plain: boolean, date: boolean): { type: "date" } | { type: "text" } | { type: "number" } =>
  plain ? { type: "date" } : date ? { type: "text" } : { type: "number" };

/** Keep what was typed; what is no number stays as it was. */
export function Typed({ table, at, column, tabIndex }: Props<Measured>) {
  const now = table.now(at);
  const date = column.kind === "date";
  const plain = date && /^(\d{4}-\d\d-\d\d)?$/.test(now);
  const keep = (input: HTMLInputElement) => {
    if (input.validity?.badInput) input.value = now;
    else if (input.value.trim() !== now) table.put([[at, input.value.trim()]]);
  };
  return (
    <span class="rt-cell">
      <input
        class={`rt-input rt-typed${dress(table, at)}`}
        data-stop="value"
        tabIndex={tabIndex}
        {...kindOf(plain, date)}
        step={column.whole ? 1 : "any"}
        value={now}
        placeholder={MISSING}
        aria-label={`value of ${column.name}`}
        autocomplete="off"
        onChange={(event) => keep(event.currentTarget)}
        onKeyDown={(event) => {
          if (event.key === "Enter") keep(event.currentTarget);
          else if (event.key === "Escape") event.currentTarget.value = now;
        }}
      />
      {plain && !now && <small class="rt-soft">{MISSING}</small>}
    </span>
  );
}

/** What can be chosen: the categories with their shares, what came from elsewhere, and nothing. */
function optionsOf({ options, missing, value }: Category, now: string): (readonly [string, string])[] {
  const listed = options.map(([option, share]) => [option, `${option} – ${round(100 * share)} %`] as const);
  const known = now === "" || options.some(([option]) => option === now);
  const blank = missing > 0 || value === "" || now === "";
  return [...(known ? [] : [[now, now] as const]), ...listed, ...(blank ? [["", MISSING] as const] : [])];
}

export function Options({ table, at, column, tabIndex }: Props<Category>) {
  const now = table.now(at);
  const options = optionsOf(column, now);
  return (
    <span class="rt-cell">
      <select
        class={`rt-select rt-typed${dress(table, at)}`}
        data-stop="value"
        tabIndex={tabIndex}
        value={now}
        aria-label={`value of ${column.name}`}
        onChange={({ currentTarget: { selectedIndex } }) =>
          table.put([[at, options[selectedIndex]?.[0] ?? now]])
        }
      >
        {options.map(([option, shown]) => (
          <option key={option} value={option}>
            {shown}
          </option>
        ))}
        {column.more > 0 && <option disabled>and {column.more} others</option>}
      </select>
    </span>
  );
}
