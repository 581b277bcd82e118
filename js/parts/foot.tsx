/** The reader's trial: what is away, what the surrogate says at once, what the model says a moment later. */
import { useComputed, useSignal } from "@preact/signals";
import { canProbe, failedProbe } from "../contract";
import type { Desk } from "../desk";
import { distance, output } from "../format";
import { trialInWords } from "../labels";
import { useLate } from "../late";

const nameOf = (desk: Desk, id: number) => desk.scene.features[id]?.name ?? "";

export function Foot({ desk }: { desk: Desk }) {
  return (
    <div class="rt-foot">
      {desk.trial.idle.value ? <Invitation desk={desk} /> : <Chips desk={desk} />}
      <Answers desk={desk} />
      <Spoken desk={desk} />
    </div>
  );
}

function Invitation({ desk: { scene } }: { desk: Desk }) {
  const text = scene.kind === "text";
  return (
    <span class="rt-invitation">
      {text ? "click a word to take it away, double-click to replace it" : "click a name to take it away"}
    </span>
  );
}

const MANY = 6;

function Chips({ desk }: { desk: Desk }) {
  const { trial } = desk;
  const all = useSignal(false);
  const away = [...trial.off.value];
  const typed = [...trial.edits.value];
  const folded = away.length > MANY && !all.value;
  return (
    <div class="rt-trial">
      {away.length > 0 && <span>without</span>}
      {folded && (
        <button
          type="button"
          class="rt-chip"
          aria-expanded={false}
          onClick={() => {
            all.value = true;
          }}
        >
          {away.length} {desk.scene.kind === "text" ? "words" : "parts"}
        </button>
      )}
      {!folded && away.map((id) => <Chip key={id} text={nameOf(desk, id)} onClick={() => desk.toggle(id)} />)}
      {typed.length > 0 && <span>with</span>}
      {typed.map(([id, now]) => {
        const old = nameOf(desk, id);
        return <Chip key={id} text={`${old} → ${now}`} onClick={() => desk.restore(id)} />;
      })}
      <button type="button" class="rt-button" onClick={() => desk.putBack()}>
        put back
      </button>
    </div>
  );
}

const Chip = ({ text, onClick }: { text: string; onClick: () => void }) => (
  <button
    type="button"
    class="rt-chip"
    aria-label={`put back ${text}`}
    title={`put back ${text}`}
    onClick={onClick}
  >
    <span class="rt-chip-text">{text}</span> <span aria-hidden="true">×</span>
  </button>
);

const PATIENCE = 10_000;

function Answers({ desk }: { desk: Desk }) {
  const { scene, trial, asking, host } = desk;
  const { value, fresh } = trial.answer.value;
  const late = useLate(asking.value, PATIENCE);
  const attached = fresh || (host.send !== null && canProbe(host.state.status.value));
  return (
    <div class="rt-answers">
      <span title="intercept and the weights of what is present; a replaced word counts as absent">
        surrogate says <b class="rt-surrogate">{output(trial.guess.value, scene.scale)}</b>
      </span>
      {attached ? (
        <span class={fresh ? "" : "rt-stale"} aria-busy={!fresh}>
          model says <b class="rt-model">{output(value, scene.scale)}</b>
        </span>
      ) : (
        <span class="rt-soft">model not attached</span>
      )}
      {attached && <Gap desk={desk} late={late} />}
    </div>
  );
}

function Gap({ desk: { scene, trial, asking, host }, late }: { desk: Desk; late: boolean }) {
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
function Spoken({ desk }: { desk: Desk }) {
  const { scene, trial } = desk;
  const said = useComputed(() => {
    if (trial.idle.value) return "";
    const away = [...trial.off.value].map((id) => nameOf(desk, id));
    const typed = [...trial.edits.value].map(([id, now]) => [nameOf(desk, id), now] as const);
    const { value, fresh } = trial.answer.value;
    const model = fresh ? `, model says ${output(value, scene.scale)}` : "";
    return `${trialInWords(away, typed)}: surrogate says ${output(trial.guess.value, scene.scale)}${model}`;
  });
  return (
    <p class="rt-unseen" role="status">
      {said}
    </p>
  );
}
