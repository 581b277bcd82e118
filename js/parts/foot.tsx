/** The reader's trial: what is away, what the surrogate says at once, what the model says a moment later. */
import { useSignal } from "@preact/signals";
import { canProbe, failedProbe, type Range, type Scale } from "../contract";
import type { Desk } from "../desk";
import { distance, output } from "../format";
import { MISSING, placeOf, trialInWords } from "../labels";
import { useLate } from "../late";
import type { View } from "../view";
import { Button } from "./button";

interface Props {
  readonly desk: Desk;
  readonly view: View;
}

const nameOf = (desk: Desk, id: number) => desk.scene.features[id]?.name ?? "";

export function Foot({ desk, view }: Props) {
  return (
    <div class="rt-foot">
      {desk.trial.idle.value ? (
        <span class="rt-invitation">{view.invitation}</span>
      ) : (
        <Chips desk={desk} view={view} />
      )}
      <Answers desk={desk} view={view} />
      <Spoken desk={desk} />
    </div>
  );
}

const MANY = 6;

export function Chips({ desk, view }: Props) {
  const { trial } = desk;
  const all = useSignal(false);
  const away = [...trial.off.value];
  const typed = [...trial.edits.value];
  const folded = away.length > MANY && !all.value;
  return (
    <div class="rt-trial">
      {away.length > 0 && <span>without</span>}
      {folded && (
        <Button
          class="rt-chip"
          aria-expanded={false}
          onClick={() => {
            all.value = true;
          }}
        >
          {away.length} {view.parts}
        </Button>
      )}
      {!folded && away.map((id) => <Chip key={id} text={nameOf(desk, id)} onClick={() => desk.toggle(id)} />)}
      {(typed.length > 0 || trial.drawing.value) && <span>with</span>}
      {typed.map(([id, now]) => {
        const old = placeOf(desk.scene, id);
        return <Chip key={id} text={`${old} → ${now || MISSING}`} onClick={() => desk.restore(id)} />;
      })}
      {trial.drawing.value && (
        <Chip text="the drawing" undo="clear the drawing" onClick={() => desk.draw(null)} />
      )}
      <Button onClick={() => desk.putBack()}>put back</Button>
    </div>
  );
}

interface ChipProps {
  readonly text: string;
  readonly undo?: string;
  readonly onClick: () => void;
}

const Chip = ({ text, undo = "put back", onClick }: ChipProps) => (
  <Button class="rt-chip" aria-label={`${undo} ${text}`} title={`${undo} ${text}`} onClick={onClick}>
    <span class="rt-chip-text">{text}</span> <span aria-hidden>×</span>
  </Button>
);

const PATIENCE = 10_000;

/** Whose answers are shown. */
export interface Asked {
  readonly desk: Pick<Desk, "scene" | "trial" | "asking" | "host">;
  readonly view: View;
}

export function Answers({ desk, view }: Asked) {
  const { scene, trial, asking, host } = desk;
  const { value, fresh, spread } = trial.answer.value;
  const late = useLate(asking.value, PATIENCE);
  const attached = fresh || (host.send !== null && canProbe(host.state.status.value));
  return (
    <div class="rt-answers">
      <span title={view.guess}>
        surrogate says <b class="rt-surrogate">{output(trial.guess.value, scene.scale)}</b>
      </span>
      {attached ? (
        <span class={fresh ? "" : "rt-stale"} aria-busy={!fresh}>
          model says <b class="rt-model">{output(value, scene.scale)}</b>
          {spread && <Spread spread={spread} scale={scene.scale} />}
        </span>
      ) : (
        <span class="rt-soft">model not attached</span>
      )}
      {attached && <Gap desk={desk} late={late} />}
    </div>
  );
}

/** Where the answers to draws lie; what is away is drawn from the other rows. */
const Spread = ({ spread, scale }: { spread: Range; scale: Scale }) => (
  <small class="rt-soft" title="the mean of about 50 draws, and where nine tenths of them lie">
    {" "}
    ({spread.map((end) => output(end, scale)).join(" – ")}, 50 draws)
  </small>
);

function Gap({ desk: { scene, trial, asking, host }, late }: { desk: Asked["desk"]; late: boolean }) {
  const { value, fresh } = trial.answer.value;
  const guess = trial.guess.value;
  if (late) return <span class="rt-gap">no answer yet</span>;
  if (asking.value) return <span class="rt-gap">asking…</span>;
  if (!fresh) return <span class="rt-gap">{failedProbe(host.state.status.value) && "no answer"}</span>;
  return (
    <span class="rt-gap" title="the distance between the two: local fit, seen by hand">
      gap {distance(value === null || guess === null ? null : value - guess, scene.scale)}
    </span>
  );
}

/** The same, for those who listen. */
const Spoken = ({ desk }: { desk: Desk }) => (
  <p class="rt-unseen" role="status">
    {desk.trial.idle.value ? "" : spoken(desk)}
  </p>
);

const spoken = (desk: Desk) => `${trialSaid(desk)}: ${answerSaid(desk)}`;

/** What is away, in words. */
export function trialSaid(desk: Desk): string {
  const { trial } = desk;
  const away = [...trial.off.value].map((id) => nameOf(desk, id));
  const typed = [...trial.edits.value].map(([id, now]) => [placeOf(desk.scene, id), now || MISSING] as const);
  return trialInWords(away, typed, trial.drawing.value !== null);
}

export function answerSaid({ scene, trial }: Pick<Desk, "scene" | "trial">): string {
  const { value, fresh } = trial.answer.value;
  const model = fresh ? `, model says ${output(value, scene.scale)}` : "";
  return `surrogate says ${output(trial.guess.value, scene.scale)}${model}`;
}
