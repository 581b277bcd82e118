/** The picked instances in their order, small. */
import { Button } from "../parts/button";
import { walk } from "../walk";
import { Glimpse } from "./glimpse";
import { gain, names, percent, titleOf, truth, verdict } from "./say";
import { following, type PickDesk } from "./store";

interface Props {
  readonly desk: PickDesk;
}

export function PickList({ desk }: Props) {
  const rows = desk.chosen.value;
  return (
    <section class="rt-picks" aria-busy={desk.wanted.value !== null}>
      <p class="rt-caption" aria-hidden="true">
        Read these, in this order
      </p>
      {rows.length === 0 && <p class="rt-none">no instance is like that, so nothing was picked</p>}
      <ol
        class="rt-cards"
        aria-label="picked instances"
        onKeyDown={walk}
        {...(!desk.host.opens.value && { tabIndex: 0 })}
      >
        {rows.map((row, i) => (
          <li key={row}>
            <Small desk={desk} row={row} place={i} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface SmallProps extends Props {
  readonly row: number;
  readonly place: number;
}

function Small({ desk, row, place }: SmallProps) {
  const { host, scene, picked } = desk;
  const instance = scene.instances[row];
  const glance = picked.value.glances[place];
  if (!instance) return null;
  const adds = `adds ${percent(gain(picked.value.covered, place))}`;
  const right = truth(scene, instance);
  const inside = (
    <>
      <span class="rt-card-title">{titleOf(scene, row)}</span>
      <span class="rt-card-facts">
        {verdict(scene, instance)}
        {right && (
          <>
            {" · "}
            <span class={right === "right" ? "" : "rt-wrong"}>{right}</span>
          </>
        )}
        {" · "}
        <b>{adds}</b>
      </span>
      {glance && <Glimpse desk={desk} row={row} glance={glance} />}
      <span class="rt-card-why">{why(desk, place, 2)}</span>
    </>
  );
  const point = following((on) => {
    desk.pointed.value = on ? place : -1;
  });
  if (!host.opens.value)
    return (
      <div class="rt-small" {...point}>
        {inside}
      </div>
    );
  return (
    <Button class="rt-small" aria-current={desk.open.value === row} onClick={() => host.open(row)} {...point}>
      {inside}
    </Button>
  );
}

/** Why this one: what it was the first to show. */
export function why({ scene, picked }: PickDesk, place: number, few: number): string {
  const added = picked.value.added[place] ?? [];
  if (added.length === 0) return "shows nothing that those before it do not";
  return `first with ${names(scene.features, added, few)}`;
}
