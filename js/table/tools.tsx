/** How the columns are looked at: searched, sorted, beside another row. */
import type { Reading } from "../contract";
import { count } from "../format";
import { Button } from "../parts/button";
import { Choice } from "../parts/field";
import { ALONE, type Sorting, type Table } from "./store";

const SORTINGS: readonly (readonly [Sorting, string])[] = [
  ["weight", "by weight"],
  ["name", "by name"],
  ["order", "as in the table"],
];

/** So many columns are seen at a glance. */
const FEW = 6;

export function Tools({ table }: { table: Table }) {
  const { query, sorting, scene } = table;
  return (
    <div class="rt-tools rt-col-tools">
      {scene.columns.length > FEW && (
        <input
          class="rt-input"
          type="search"
          placeholder="search"
          aria-label="search columns by name"
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
          }}
        />
      )}
      <Choice
        say="sort"
        options={SORTINGS}
        now={sorting.value}
        onChoose={(wish) => {
          sorting.value = wish;
        }}
      />
      {scene.others.length > 0 && <Beside table={table} />}
      <Effective {...table.desk.reading.value} />
    </div>
  );
}

function Beside({ table }: { table: Table }) {
  const { beside, scene } = table;
  const differing = beside.value === ALONE ? 0 : table.differing.length;
  return (
    <>
      <Choice
        say="compare with"
        options={[[ALONE, "no other row"], ...scene.others.map(({ title }, i) => [i, title] as const)]}
        now={beside.value}
        onChoose={(row) => {
          beside.value = row;
        }}
      />
      {differing > 0 && (
        <Button onClick={() => table.take(table.differing)}>take all {differing} over</Button>
      )}
    </>
  );
}

const EFFECTIVE = "(Σw)² / Σw²: so many samples of equal weight would tell as much as these do";

const Effective = ({ effective, n_samples }: Reading) =>
  effective != null && (
    <span class="rt-how rt-effective" title={EFFECTIVE}>
      effective samples <b>{count(Math.round(effective))}</b> of {count(n_samples)}
    </span>
  );

/** Said calmly, where the surrogate speaks of more than of this row's neighbourhood. */
export const Locality = ({ locality }: Reading) => locality && <p class="rt-locality">{locality}</p>;
