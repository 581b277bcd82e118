/** What a retraining did: every figure before and after, falls as plain as rises, and what grew. */
import { count, output } from "../format";
import { max } from "../maths";
import { Button } from "../parts/button";
import { FlagIcon } from "../parts/reasons";
import { type Changed, type Gained, type Measure, sessionVerbs } from "../sessions";
import { called, counted, figureOf, improved, inFull, isUnsure, placeOf, spoken, stepOf } from "./say";
import { Fold, Lead, Soft, Step } from "./step";
import type { Loop } from "./store";

interface Props {
  readonly loop: Loop;
}
interface Given extends Props {
  readonly changed: Changed;
}

export function WhatChanged({ loop }: Props) {
  const changed = loop.state.changed.value;
  return (
    <section class="rt-changed" aria-busy={changed?.complete === false}>
      <Step number={4}>What changed {changed && <Soft>(○ before ● after)</Soft>}</Step>
      {changed ? (
        <Figures loop={loop} changed={changed} />
      ) : (
        <Lead>
          After a training every figure stands here before and after, the ones that fall too, and what the
          model leans on now.
        </Lead>
      )}
    </section>
  );
}

function Figures({ loop, changed }: Given) {
  const { measures, complete } = changed;
  return (
    <>
      <p class="rt-changed-which">{which(loop, changed)}</p>
      <ul class="rt-measures">
        {measures.map((measure) => (
          <Line key={measure.name} measure={measure} noun={loop.scene.noun} />
        ))}
      </ul>
      {measures.some(isUnsure) && <p class="rt-soft">? chance alone could bring this</p>}
      {complete ? <Turned loop={loop} changed={changed} /> : <p class="rt-soft">measuring the rest…</p>}
    </>
  );
}

/** "drop 2 against as given, trained in 3.1 s in a process". */
function which(loop: Loop, { number, against, how, seconds }: Changed): string {
  const names = [number, against].map((wanted) => {
    const found = loop.find(wanted);
    return found ? called(found) : `revision ${wanted}`;
  });
  return names.join(" against ") + (seconds ? `, trained in ${seconds.toFixed(1)} s in a ${how}` : "");
}

const TONES = { true: "rt-up", false: "rt-down", null: "" };

function Line({ measure, noun }: { measure: Measure; noun: string }) {
  const { label, before, after } = measure;
  const full = inFull(measure, noun);
  const tone = TONES[`${improved(measure)}`];
  return (
    <li class="rt-measure" title={full}>
      <span>{label}</span>
      <Track measure={measure} tone={tone} />
      <span class="rt-figures" aria-hidden>
        {figureOf(measure, before)} → <b>{figureOf(measure, after)}</b>
      </span>
      <span class={`rt-figures rt-difference ${tone}`} aria-hidden>
        {stepOf(measure)}
        {isUnsure(measure) && <small> ?</small>}
      </span>
      <span class="rt-unseen">
        {spoken(measure)}; {full}
      </span>
    </li>
  );
}

/** Before and after on one line, and where after may lie. */
function Track({ measure, tone }: { measure: Measure; tone: string }) {
  const { before, after, low, high } = measure;
  const at = (x: number) => placeOf(measure, x);
  const span = (a: number, b: number) => `left:${at(a)}%;width:${at(b) - at(a)}%`;
  const known = before != null && after != null;
  return (
    <span class={`rt-line-track ${tone}`} aria-hidden>
      {known && low != null && high != null && <u style={span(before + low, before + high)} />}
      {known && <s style={before < after ? span(before, after) : span(after, before)} />}
      {before != null && <i style={`left:${at(before)}%`} />}
      {after != null && <i class="rt-after" style={`left:${at(after)}%`} />}
    </span>
  );
}

function Turned({ loop, changed: { turned, turned_count, measures, number, against } }: Given) {
  if (!turned_count && loop.find(number)?.parent !== against) return null;
  const { n } = measures.find(({ name }) => name === "valid") ?? { n: loop.scene.held_out };
  const said = (
    <>
      <b>{count(turned_count)}</b> of {counted(n, "prediction")} turned
    </>
  );
  return (
    <Fold said={said} more="which">
      {turned.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys too
        <ul class="rt-turned" aria-label="predictions that turned" tabIndex={0}>
          {turned.map(({ title, before, after, label }, i) => (
            <li key={i}>
              <span>{title}</span>
              <Soft>
                {before} → {after}
                {label != null && <Right told={after === label} was={before === label} />}
              </Soft>
            </li>
          ))}
          {turned.length < turned_count && <li class="rt-soft">the first {turned.length} of them</li>}
        </ul>
      )}
    </Fold>
  );
}

/** Whether a turned prediction is right now. */
const Right = ({ told, was }: { told: boolean; was: boolean }) => (
  <span class={TONES[`${told}`]}> · {told ? "right now" : was ? "was right" : "wrong as before"}</span>
);

const FEW = 8;

/** The features whose importance grew most. */
export function Grown({ loop }: Props) {
  const { gained = [], complete } = loop.state.changed.value ?? {};
  const most = max(...gained.map(({ after }) => after), Number.MIN_VALUE);
  if (complete === undefined) return null;
  return (
    <section class="rt-grown">
      <Step>Grew most – look at these next</Step>
      {gained.length === 0 && <p class="rt-soft">{complete ? "nothing grew" : "measuring…"}</p>}
      <ul>
        {gained.slice(0, FEW).map((grew, i) => (
          <Grew key={grew.name} loop={loop} grew={grew} place={i} most={most} />
        ))}
      </ul>
    </section>
  );
}

interface GrewProps extends Props {
  readonly grew: Gained;
  readonly place: number;
  /** Where the axis ends. */
  readonly most: number;
}

function Grew({ loop, grew: { name, before, after, marked }, place, most }: GrewProps) {
  const mark = loop.state.marks.value.findIndex((each) => each.name === name);
  const flag = (anchor: HTMLElement) =>
    mark < 0
      ? loop.ask("gained", place, { name, because: "", scope: "everywhere" }, anchor)
      : loop.send(sessionVerbs.withdraw([mark]));
  return (
    <li class="rt-grew">
      {loop.marks && loop.everywhere ? (
        <Button
          class="rt-flag"
          aria-pressed={mark >= 0}
          aria-label={`mark ${name} as untrustworthy`}
          title={mark < 0 ? "mark as untrustworthy" : "click to take the mark back"}
          onClick={(event) => flag(event.currentTarget)}
        >
          <FlagIcon />
        </Button>
      ) : (
        <span class="rt-flag">{marked && <FlagIcon />}</span>
      )}
      <span class={marked ? "rt-grew-name rt-marked" : "rt-grew-name"} title={name}>
        {name}
      </span>
      <span class="rt-line-track" aria-hidden>
        <i style={`left:${(96 * before) / most}%`} />
        <i class="rt-after" style={`left:${(96 * after) / most}%`} />
      </span>
      <span class="rt-figures">
        {output(before, "probability")} → <b>{output(after, "probability")}</b>
      </span>
    </li>
  );
}
