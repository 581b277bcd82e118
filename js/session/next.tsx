/** What to read next: the instances that cover most of what has not been read. */
import { useSignal } from "@preact/signals";
import { max, min } from "../maths";
import type { Glance } from "../panels";
import { Button } from "../parts/button";
import { Progress } from "../parts/progress";
import { percent } from "../pick/say";
import { type Item, sessionVerbs } from "../sessions";
import { walk } from "../walk";
import { counted, truth, verdict } from "./say";
import { Lead, Soft, Step } from "./step";
import type { Loop } from "./store";

interface Props {
  readonly loop: Loop;
}

const MOST = 50;

export function Next({ loop }: Props) {
  const items = loop.items.value;
  const { noun } = loop.scene;
  return (
    <section class="rt-next" aria-busy={loop.phase.value === "sampling"}>
      <Step number={1}>Read next, by coverage</Step>
      {items.length === 0 ? (
        <Lead>
          A few {noun}s together show most of what the model uses. Open one and look at its reasons.
        </Lead>
      ) : (
        <>
          <List loop={loop} items={items} />
          <Curve loop={loop} />
        </>
      )}
      <Again loop={loop} />
      {loop.phase.value === "sampling" && <Progress host={loop.host} />}
    </section>
  );
}

function List({ loop, items }: Props & { items: readonly Item[] }) {
  const open = loop.host.row.value;
  const stop = items.some(({ row }) => row === open) ? open : items[0]?.row;
  return (
    <ol class="rt-items" aria-label="picked instances" onKeyDown={walk}>
      {items.map((item) => (
        <li key={item.row}>
          <Small loop={loop} item={item} stop={item.row === stop} />
        </li>
      ))}
    </ol>
  );
}

const TURNS = "turns without what you marked, says the surrogate";

function Small({ loop: { host, scene }, item, stop }: Props & { item: Item; stop: boolean }) {
  const { row, title, adds, read, turns, glance } = item;
  const right = truth(scene, item);
  return (
    <Button
      class="rt-item"
      tabIndex={stop ? 0 : -1}
      aria-current={host.row.value === row}
      aria-busy={host.awaited.value === row}
      aria-disabled={!host.holds(row)}
      onClick={() => host.open(row)}
    >
      <span class="rt-item-title">
        <Soft>{row} ·</Soft> {title}
        {read && (
          <span class="rt-read" title="read">
            {" "}
            <span aria-hidden>✓</span>
            <span class="rt-unseen">read</span>
          </span>
        )}
      </span>
      {glance && <Glimpse glance={glance} title={title} />}
      <span class="rt-item-facts">
        {verdict(scene, item)}
        {right && <span class={right === "right" ? "" : "rt-wrong"}> · {right}</span>}
        {adds !== null && ` · adds ${percent(adds).replace(" ", "\xa0")}`}
      </span>
      {turns && (
        <span class="rt-item-turns">
          <span aria-hidden>⤺</span> {TURNS}
        </span>
      )}
    </Button>
  );
}

/** An instance small: a picture, or a text around its strongest words. */
function Glimpse({ glance, title }: { glance: Glance; title: string }) {
  if ("picture" in glance)
    return <img class="rt-item-picture" src={`data:image/webp;base64,${glance.picture}`} alt={title} />;
  if (!("pieces" in glance)) return null;
  return (
    <span class="rt-item-glance" dir="auto">
      {glance.pieces.map(([text, feature], i) => (feature < 0 ? text : <u key={i}>{text}</u>))}
    </span>
  );
}

/** How much of what the model uses the first n show. */
function Curve({ loop }: Props) {
  const { covered = [], pool = 0 } = loop.state.picked.value;
  const { noun } = loop.scene;
  const n = covered.length;
  const across = (i: number) => 4 + (182 * i) / max(n, 1);
  const up = (share: number) => 36 - 32 * share;
  return (
    <figure class="rt-cover" title={`of ${counted(pool, noun)} that were explained to pick from`}>
      <svg viewBox="0 0 190 40" aria-hidden>
        <path d="M4 4H186M4 36H186" />
        <polyline points={[0, ...covered].map((share, i) => `${across(i)},${up(share)}`).join(" ")} />
        {loop.items.value.map(({ row }, i) => (
          <circle
            key={row}
            class={row === loop.host.row.value ? "rt-here" : ""}
            cx={across(i + 1)}
            cy={up(covered[i] ?? 0)}
            r={2.5}
          />
        ))}
      </svg>
      <figcaption>
        {counted(n, noun)} {n === 1 ? "shows" : "show"} <b>{percent(covered.at(-1))}</b> of what the model
        uses
      </figcaption>
    </figure>
  );
}

/** How many to pick, and pick them. */
function Again({ loop }: Props) {
  const typed = useSignal<number | null>(null);
  if (!loop.listens) return null;
  const { length } = loop.items.value;
  const budget = typed.value ?? (length || 10);
  const most = min(MOST, loop.scene.rows);
  return (
    <div class="rt-again">
      <label class="rt-field">
        pick{" "}
        <input
          class="rt-input rt-number"
          type="number"
          min={1}
          max={most}
          value={budget}
          onInput={(event) => {
            typed.value = min(max(Number(event.currentTarget.value), 1), most);
          }}
        />
      </label>
      <Button disabled={!loop.able("next")} onClick={() => loop.send(sessionVerbs.next(budget))}>
        {length ? "Pick again" : "Find what to read"}
      </Button>
    </div>
  );
}
