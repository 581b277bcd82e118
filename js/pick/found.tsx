/** The instances that were looked for: by title, or for a feature. */
import { Button } from "../parts/button";
import { Rows } from "./rows";
import { many, titleOf, verdict } from "./say";
import type { PickDesk } from "./store";

interface Props {
  readonly desk: PickDesk;
}

/** So many are seen at a time. */
const TALL = 6;
const ROW = 40;

export function Found({ desk }: Props) {
  const found = desk.found.value;
  const { scene, sought, query } = desk;
  if (!found) return null;
  const words = wordsFor(found.length, scene.features[sought.value]?.name, query.value.trim());
  return (
    <section class="rt-found">
      <div class="rt-found-head">
        <p class="rt-caption" role="status">
          {words}
        </p>
        <Button class="rt-close" aria-label="show the pick alone" onClick={() => desk.look("")}>
          ×
        </Button>
      </div>
      <Rows label={words} items={found} height={ROW} tall={TALL} still={!desk.host.opens.value}>
        {(row, tabIndex) => <Hit desk={desk} row={row} tabIndex={tabIndex} />}
      </Rows>
    </section>
  );
}

const wordsFor = (n: number, feature: string | undefined, query: string) =>
  feature === undefined ? `${many(n, "title")} with “${query}”` : `${many(n, "instance")} with ${feature}`;

function Hit({ desk, row, tabIndex }: Props & { row: number; tabIndex: number }) {
  const { host, scene, open } = desk;
  const instance = scene.instances[row];
  const inside = (
    <>
      <span class="rt-card-title">{titleOf(scene, row)}</span>
      <span class="rt-card-facts">{instance && verdict(scene, instance)}</span>
    </>
  );
  if (!host.opens.value) return <div class="rt-hit">{inside}</div>;
  return (
    <Button
      class="rt-hit"
      data-kind="open"
      tabIndex={tabIndex}
      aria-current={open.value === row}
      onClick={() => host.open(row)}
    >
      {inside}
    </Button>
  );
}
