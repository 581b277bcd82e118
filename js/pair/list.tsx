/** The instances, each with what every model answers. */
import { useMemo } from "preact/hooks";
import { output } from "../format";
import { round } from "../maths";
import type { PairInstance } from "../panels";
import { walk } from "../walk";
import { Order, type Sorting, spreadOf } from "./order";
import { differs, type Pair, right } from "./store";

const SORTINGS: readonly (readonly [Sorting, string])[] = [
  ["given", "in their order"],
  ["disagreement", "by disagreement"],
];

export function List({ pair }: { pair: Pair }) {
  const { host, scene } = pair;
  const { query, sorting, rows } = useMemo(() => new Order(scene), [scene]);
  const open = host.row.value;
  const stop = open !== null && rows.value.includes(open) ? open : rows.value[0];
  return (
    <div class="rt-pair-list">
      <div class="rt-pair-tools">
        <input
          class="rt-input"
          type="search"
          placeholder="search"
          aria-label="search titles and words that changed sign"
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
          }}
        />
        <select
          class="rt-select"
          aria-label="order of the list"
          value={sorting.value}
          onChange={(event) => {
            sorting.value = event.currentTarget.value as Sorting;
          }}
        >
          {SORTINGS.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <Columns pair={pair} />
      <ul class="rt-pair-rows" aria-label="instances" onKeyDown={walk}>
        {rows.value.map((row) => (
          <Item key={row} pair={pair} row={row} stop={row === stop} />
        ))}
        {rows.value.length === 0 && <li class="rt-none">nothing is called so</li>}
      </ul>
    </div>
  );
}

/** What the columns are called, and how often each is right. */
function Columns({ pair: { names, seats, scene } }: { pair: Pair }) {
  const known = scene.instances.filter(({ label }) => label !== null);
  return (
    <div class="rt-pair-columns">
      {seats.value.map((model, place) => (
        <span key={model} class="rt-pair-column">
          <b title={names.value[place]}>{names.value[place]}</b>
          {known.length > 0 && scene.classes.length > 1 && (
            <span class="rt-soft">
              {" "}
              {known.filter((instance) => right(instance, model)).length} of {known.length} right
            </span>
          )}
        </span>
      ))}
    </div>
  );
}

function Item({ pair, row, stop }: { pair: Pair; row: number; stop: boolean }) {
  const { host, scene, seats, names } = pair;
  const instance = scene.instances[row] as PairInstance;
  const opens = host.holds(row);
  return (
    <li>
      <button
        type="button"
        class="rt-pair-item"
        tabIndex={stop ? 0 : -1}
        aria-current={host.row.value === row}
        aria-busy={host.awaited.value === row}
        aria-disabled={!opens}
        title={opens ? undefined : "not kept in this page"}
        onClick={() => host.open(row)}
      >
        <span class="rt-pair-title">
          <span class="rt-soft">{row}</span> {instance.title}
        </span>
        <span class="rt-pair-columns">
          {seats.value.map((model, place) => (
            <span key={model} class="rt-pair-column">
              <span class="rt-unseen">{names.value[place]}: </span>
              <Answer pair={pair} instance={instance} model={model} />
            </span>
          ))}
        </span>
        <Agreement pair={pair} instance={instance} />
      </button>
    </li>
  );
}

interface AnswerProps {
  readonly pair: Pair;
  readonly instance: PairInstance;
  readonly model: number;
}

function Answer({ pair: { scene }, instance, model }: AnswerProps) {
  const { target = 0, prediction = null } = instance.answers[model] ?? {};
  const name = scene.classes[target];
  return (
    <>
      <span class="rt-pair-class" title={name}>
        {name}
      </span>{" "}
      <b>{output(prediction, scene.scale)}</b>
      {scene.classes.length > 1 && <Truth told={right(instance, model)} />}
    </>
  );
}

/** Whether an answer is right, by a sign and in words; nothing where that is not known. */
export function Truth({ told, inWords }: { told: boolean | null; inWords?: boolean }) {
  if (told === null) return null;
  const word = told ? "right" : "wrong";
  return (
    <span class={`rt-pair-${word}`} title={inWords ? undefined : word}>
      {" "}
      <span aria-hidden>{told ? "✓" : "✗"}</span>
      <span class={inWords ? "" : "rt-unseen"}> {word}</span>
    </span>
  );
}

/** Whether the models agree, in their answers and in their reasons. */
function Agreement({ pair: { scene }, instance }: { pair: Pair; instance: PairInstance }) {
  const { overlap, turned } = instance;
  const agree = differs(instance) ? "≠ answers differ" : "= same answer";
  return (
    <span class="rt-pair-agree">
      {scene.classes.length < 2 ? `${output(spreadOf(instance), scene.scale)} apart` : agree}
      {overlap !== null && (
        <span title="of the reasons of either, so many are reasons of both">
          {" · "}
          {round(100 * overlap)} % shared
        </span>
      )}
      {turned.length > 0 && (
        <span title={`changed sign: ${turned.join(", ")}`}>
          {" · "}⇄ {turned.length}
          <span class="rt-unseen"> changed sign</span>
        </span>
      )}
    </span>
  );
}
