/** What the model uses, over all instances: importance, where it occurs, and which class it speaks for. */
import { count } from "../format";
import { abs } from "../maths";
import type { Column } from "../panels";
import { Button } from "../parts/button";
import { FlagIcon } from "../parts/reasons";
import { webp } from "./pictures";
import { Rows } from "./rows";
import { amongWhich, because, halves, leaning, split } from "./say";
import type { PickDesk } from "./store";

interface Props {
  readonly desk: PickDesk;
}

/** More classes than this have no tones of their own. */
const TONES = 4;
const TALL = 476;
/** A row, and one with a picture. */
const [ROW, HIGH] = [28, 34];

export function Features({ desk }: Props) {
  const { scene, named, used, covered, fresh, hover } = desk;
  const found = named.value;
  const row = scene.features.some(({ picture }) => picture) ? HIGH : ROW;
  const hot = (id: number) => {
    const lit = covered.value.has(id) ? " rt-lit" : "";
    return lit + (hover.value === id || fresh.value.has(id) ? " rt-hot" : "");
  };
  return (
    <section class="rt-features">
      <p class="rt-caption" aria-hidden="true">
        What the model uses most
        {desk.partly.value && ` in ${amongWhich(desk.picked.value, scene.classes)}`}
      </p>
      <Legend desk={desk} />
      {found.length === 0 && <p class="rt-none">no feature has “{desk.query.value.trim()}” in its name</p>}
      <Rows
        label="features, most important first"
        items={found}
        height={row}
        tall={TALL / row}
        hot={hot}
        onPoint={(id) => {
          hover.value = id;
        }}
      >
        {(id, tabIndex) => <Feature desk={desk} id={id} tabIndex={tabIndex} />}
      </Rows>
      <p class="rt-feature-sum">
        <i class="rt-dot" aria-hidden="true" /> {count(covered.value.size)} of {count(used.value.length)}{" "}
        features are in what is shown
      </p>
      <Marked desk={desk} />
    </section>
  );
}

function Legend({ desk: { scene } }: Props) {
  if (scene.classes.length < 2 || scene.classes.length > TONES) return null;
  return (
    <p class="rt-tones">
      speaks for{" "}
      {scene.classes.map((name, i) => (
        <span key={i}>
          <i style={`opacity:${tone(i)}`} aria-hidden="true" /> {name}
        </span>
      ))}
    </p>
  );
}

const tone = (i: number) => [1, 0.5, 0.75, 0.3][i] ?? 0.3;

interface FeatureProps extends Props {
  readonly id: number;
  readonly tabIndex: number;
}

function Feature({ desk, id, tabIndex }: FeatureProps) {
  const { scene, sought, marks } = desk;
  const column = desk.features.value[id] as Column;
  const mark = marks.value.get(id);
  const [start, end] = halves(column.name);
  const where = `in ${count(column.count)} of ${count(desk.among.value.length)}`;
  const said = [column.name, where, split(scene, column), desk.covered.value.has(id) ? "shown" : "not shown"];
  return (
    <>
      <i class="rt-dot" aria-hidden="true" />
      <Flag desk={desk} id={id} tabIndex={tabIndex} />
      {column.picture && (
        <img class="rt-visual" src={webp(column.picture)} alt={`a part like ${column.name}`} />
      )}
      <Button
        class={mark ? "rt-name rt-marked" : "rt-name"}
        data-kind="name"
        tabIndex={tabIndex}
        aria-pressed={sought.value === id}
        aria-label={`${said.filter(Boolean).join(", ")}${mark ? ", marked as untrustworthy" : ""}`}
        title={`${column.name}\n${split(scene, column)}`}
        onClick={() => desk.seek(id)}
      >
        <span>{start}</span>
        {end}
      </Button>
      <Bar desk={desk} column={column} />
      <span class="rt-where" aria-hidden="true" title={where}>
        in {count(column.count)}
      </span>
    </>
  );
}

/** Importance, divided by the classes that the feature speaks for. */
function Bar({ desk: { scene, largest }, column }: Props & { column: Column }) {
  const many = scene.classes.length > TONES;
  const parts = column.toward.map((sum, i) => [sum, many ? (i === leaning(column) ? 0 : 3) : i] as const);
  const whole = parts.reduce((sum, [part]) => sum + abs(part), 0);
  return (
    <span class="rt-importance" aria-hidden="true">
      <span style={`width:${(100 * column.importance) / (largest.value || 1)}%`}>
        {parts.map(([part, i], k) => (
          <i
            key={k}
            class={part < 0 ? "rt-against" : "rt-for"}
            style={`flex-grow:${whole ? abs(part) / whole : 0};opacity:${tone(i)}`}
          />
        ))}
      </span>
    </span>
  );
}

/** Marks a feature everywhere, or takes the mark back; a page alone only shows it. */
function Flag({ desk, id, tabIndex }: FeatureProps) {
  const mark = desk.marks.value.get(id);
  if (!desk.flags.value) return <span class="rt-flag">{mark && <FlagIcon />}</span>;
  return (
    <Button
      class="rt-flag"
      data-kind="flag"
      tabIndex={tabIndex}
      aria-pressed={mark !== undefined}
      aria-label={`mark ${desk.table.names[id]} as untrustworthy, everywhere`}
      title={because(mark) ?? "mark as untrustworthy, everywhere"}
      onClick={(event) => desk.flag(id, event.currentTarget)}
    >
      <FlagIcon />
    </Button>
  );
}

/** What is marked, wherever it stands in the list. */
function Marked({ desk }: Props) {
  const marked = [...new Set(desk.marks.value.values())];
  if (marked.length === 0) return null;
  return (
    <div class="rt-marked-list">
      <p class="rt-caption" aria-hidden="true">
        Marked as untrustworthy
      </p>
      <ul aria-label="marked as untrustworthy">
        {marked.map(({ name, because, columns = [] }) => (
          <li key={name}>
            {desk.flags.value ? (
              <Button
                class="rt-chip"
                aria-label={`take the mark on ${name} back`}
                title={because}
                onClick={() => desk.unmark(columns)}
              >
                <span class="rt-chip-text">{name}</span> <span aria-hidden="true">×</span>
              </Button>
            ) : (
              <span class="rt-chip" title={because}>
                <span class="rt-chip-text">{name}</span>
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
