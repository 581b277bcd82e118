/** What will be done about the marks, in words, and doing it. */
import { Button } from "../parts/button";
import { Choice } from "../parts/field";
import { Progress } from "../parts/progress";
import { failed, type Plan, type Shown, sessionVerbs } from "../sessions";
import { called, counted } from "./say";
import { Fold, Lead, Soft, Step } from "./step";
import type { Loop } from "./store";

interface Props {
  readonly loop: Loop;
}

export function Retrain({ loop }: Props) {
  const plan = loop.state.plan.value;
  return (
    <section class="rt-plan">
      <Step number={3}>Retrain</Step>
      {plan ? (
        <Planned loop={loop} plan={plan} />
      ) : (
        <Lead>
          What is marked leaves the training rows, or is worn by rows of another class, and the model is
          trained again. You see the plan first.
        </Lead>
      )}
      <Buttons loop={loop} plan={plan} />
      {loop.phase.value === "retraining" && <Progress host={loop.host} />}
      <Told loop={loop} />
    </section>
  );
}

function Planned({ loop, plan }: Props & { plan: Plan }) {
  const { corrections, noun } = loop.scene;
  return (
    <div class="rt-planned" aria-busy={loop.previewing.value || loop.planning.value}>
      {corrections.length > 1 && loop.listens && (
        <Choice
          say="correction"
          options={corrections.map((name) => [name, name])}
          now={loop.correction.value ?? ""}
          onChoose={(name) => loop.preview(name)}
        />
      )}
      {plan.because && <p class="rt-soft">{plan.because}</p>}
      {plan.error === null ? (
        <Preview plan={plan} noun={noun} />
      ) : (
        <p class="rt-plan-error">
          <b>This cannot be done.</b> {plan.error}
        </p>
      )}
    </div>
  );
}

function Preview({ plan, noun }: { plan: Plan; noun: string }) {
  const { sentences, touched, examples } = plan;
  return (
    <>
      {sentences.slice(0, -1).map((sentence, i) => (
        <p key={i}>{sentence}</p>
      ))}
      <Fold said={sentences.at(-1)} more="preview">
        {examples.length > 0 && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys too
          <ul class="rt-examples" aria-label="rows before and after" tabIndex={0}>
            <li>
              <Soft>
                {examples.length} of {counted(touched, noun)} that change
              </Soft>
            </li>
            {examples.map(({ row, before, after }) => (
              <li key={row}>
                <Soft>row {row}</Soft>
                <Example say="before" shown={before} />
                <Example say="after" shown={after} />
              </li>
            ))}
          </ul>
        )}
      </Fold>
    </>
  );
}

const Example = ({ say, shown }: { say: string; shown: Shown }) => (
  <p class={`rt-example rt-example-${say}`}>
    <span aria-hidden>{say === "before" ? "○" : "●"}</span>
    <span class="rt-unseen">{say}: </span>
    {typeof shown === "string" ? (
      <span dir="auto">{shown}</span>
    ) : (
      <img src={`data:image/webp;base64,${shown.picture}`} alt={say} />
    )}
  </p>
);

function Buttons({ loop, plan }: Props & { plan: Plan | null }) {
  const undo = loop.state.undo.value;
  if (!loop.listens) return null;
  const ready = loop.able("retrain") && plan !== null && plan.error === null;
  return (
    <p class="rt-plan-buttons">
      <Button
        class="rt-button rt-primary"
        disabled={!ready}
        onClick={() => loop.send(sessionVerbs.retrain(loop.correction.peek()))}
      >
        Retrain
      </Button>
      {undo !== null && (
        <>
          <Button disabled={!loop.able("undo")} onClick={() => loop.send(sessionVerbs.undo())}>
            Undo
          </Button>
          <Soft>takes back {undo}</Soft>
        </>
      )}
    </p>
  );
}

/** What the kernel says once it is done, and what a failure has left. */
function Told({ loop }: Props) {
  const { status } = loop.state;
  const { message, phase, error } = status.value;
  const revision = loop.find(loop.now);
  const kept = failed(status.value, "retrain") && revision;
  return (
    <p class="rt-told" role="status">
      {kept && `Training failed, the model is still “${called(revision)}”. ${error?.message} `}
      {phase === "idle" && message}
    </p>
  );
}
