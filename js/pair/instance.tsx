/** The opened instance: itself once, with the reasons of one model or the difference, and all reasons below. */
import { useEffect, useMemo } from "preact/hooks";
import { tried } from "../card";
import { parse, type Reading, type Scene } from "../contract";
import { count, output } from "../format";
import { Standing } from "../parts/facts";
import { Undrawable } from "../parts/failure";
import { Segments } from "../parts/field";
import type { MarkForm, MarkList } from "../parts/marks";
import { Aim } from "../parts/verdict";
import { type Beside, viewOf } from "../view";
import { likeness } from "./compare";
import { Foot } from "./foot";
import { Opened } from "./opened";
import { Rows } from "./rows";
import { DIFFERENCE, type Pair } from "./store";

interface InstanceProps {
  readonly pair: Pair;
  /** Where a mark is made. */
  readonly Form: typeof MarkForm;
  /** The marks below the reasons, where they have no place of their own. */
  readonly Marks?: typeof MarkList;
}

/** What is open; an invitation where nothing is. */
export function Instance({ pair, ...given }: InstanceProps) {
  const { host, scene: panel } = pair;
  const scene = tried(() => parse(host.inner.state.scene.value, Object.keys(host.views)));
  const readings = host.state.readings.value;
  const first = readings[0];
  if (scene instanceof Error) return <Undrawable message={scene.message} />;
  const answered = new Set(readings.map(({ model }) => model)).size >= panel.models.length;
  if (scene && first && answered)
    return <Open key={host.row.value} pair={pair} scene={scene} first={first} {...given} />;
  return (
    <p class="rt-pair-nothing">
      {host.opens.value ? "open one of the list" : "nothing was open when this page was kept"}
    </p>
  );
}

interface Props extends InstanceProps {
  readonly scene: Scene;
  readonly first: Reading;
}

function Open({ pair, scene, first, Form, Marks }: Props) {
  const opened = useMemo(() => new Opened(pair, scene, first), [pair, scene]);
  useEffect(() => () => opened.close(), [opened]);
  const Side = useMemo(() => sideOf(opened, Marks), [opened, Marks]);
  const view = viewOf(pair.host.views, scene);
  if (!view) return null;
  return (
    <div class={pair.host.awaited.value === null ? "rt-instance" : "rt-instance rt-pair-leaving"}>
      <Head opened={opened} />
      {scene.kind !== "parts" && opened.speakers.length > 1 && <Lens opened={opened} where={scene.kind} />}
      <view.Body desk={opened.desk} scene={scene} Side={Side} />
      <Foot opened={opened} view={view} />
      <Form desk={opened.desk} />
    </div>
  );
}

function Head({ opened: { pair, desk } }: { opened: Opened }) {
  const { instances, classes } = pair.scene;
  const { title, label } = instances[pair.host.row.value ?? -1] ?? { title: "", label: null };
  return (
    <div class="rt-head">
      {title && <h3 class="rt-pair-heading">{title}</h3>}
      {label !== null && classes.length > 1 && (
        <span class="rt-pair-truth">
          in truth <b>{classes[label]}</b>
        </span>
      )}
      <Aim desk={desk} classes={classes} />
      <div class="rt-facts" title="all models were asked about the same samples">
        <Standing {...desk.reading.value} />
      </div>
    </div>
  );
}

const WHERE = { text: "in the text", image: "in the picture", table: "in the table" };
const PLAIN = { text: "straight", image: "without stripes", table: "to the right" };

/** Whose reasons are shown in the instance itself. */
function Lens({ opened: { pair, desk }, where }: { opened: Opened; where: keyof typeof WHERE }) {
  const { lens, names, scene } = pair;
  const { 0: first, length, [length - 1]: last } = names.value;
  return (
    <div class="rt-tools rt-pair-lens">
      <span class="rt-soft">reasons {WHERE[where]}</span>
      <Segments
        say={`whose reasons are shown ${WHERE[where]}`}
        options={[...names.value.map((name, place) => [place, name] as const), [DIFFERENCE, "difference"]]}
        now={lens.value}
        onChoose={(place) => {
          lens.value = place;
        }}
      />
      {lens.value === DIFFERENCE && (
        <span class="rt-how">
          {last} minus {first}: blue and {PLAIN[where]} where {last} gives more to{" "}
          {scene.classes[desk.reading.value.target]}
        </span>
      )}
    </div>
  );
}

/** What stands below the instance. */
const sideOf = (opened: Opened, Marks?: typeof MarkList) => (beside: Beside) => (
  <div class="rt-side">
    <Doubts opened={opened} />
    <Summary opened={opened} />
    <Rows opened={opened} {...beside} />
    {Marks && <Marks desk={opened.desk} />}
  </div>
);

const Doubts = ({ opened: { seated, pair } }: { opened: Opened }) => (
  <>
    {seated.value.map(
      ({ reading }, place) =>
        reading.value.doubt && (
          <p key={pair.seats.value[place]} class="rt-doubt">
            <span>
              <b>{pair.names.value[place]}</b>: {reading.value.doubt}
            </span>
          </p>
        ),
    )}
  </>
);

const COSINE =
  "the cosine of the weights – 1: the same reasons in the same proportions, 0: nothing in common, −1: each the other's opposite";

function Summary({ opened: { tally, pair } }: { opened: Opened }) {
  const { shared, of, turned, cosine } = tally.value;
  const { length } = pair.names.value;
  if (length < 2) return null;
  return (
    <p class="rt-pair-summary">
      <span title={`of the ${of} reasons of either, ${shared} are reasons of both`}>
        {length > 2 ? "First and last" : "They"} share{" "}
        <b>
          {count(shared)} of {count(of)}
        </b>{" "}
        reasons
      </span>
      <span title="for the class in one model, against it in the other">
        ⇄ <b>{count(turned)}</b> changed sign
      </span>
      <span title={COSINE}>
        weights <b>{likeness(cosine)}</b>, cosine <b>{output(cosine, "score")}</b>
      </span>
    </p>
  );
}
