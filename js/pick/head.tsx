/** What is shown and how much of the model it shows, and the choices: how many, how, among which. */
import { count } from "../format";
import { Button } from "../parts/button";
import { Choice, Segments } from "../parts/field";
import { amongWhich, coverage, percent } from "./say";
import type { PickDesk } from "./store";

interface Props {
  readonly desk: PickDesk;
}

export function Head({ desk }: Props) {
  return (
    <div class="rt-head rt-pick-head">
      <Headline desk={desk} />
      <div class="rt-choices">
        <Budget desk={desk} />
        {desk.picks.value && <Choices desk={desk} />}
        <Search desk={desk} />
      </div>
    </div>
  );
}

/** "6 of 500 instances show 65 % of what the model uses". */
function Headline({ desk }: Props) {
  const { picked, budget, scene } = desk;
  const n = budget.value;
  const { random } = picked.value;
  return (
    <p class="rt-headline" aria-live="polite">
      <b>{count(n)}</b> of {amongWhich(picked.value, scene.classes)} {n === 1 ? "shows" : "show"}{" "}
      <b>{percent(coverage(picked.value, n))}</b> of what the model uses
      <span class="rt-soft"> – random picks show {percent(random.mean[n - 1])}</span>
    </p>
  );
}

function Budget({ desk }: Props) {
  const most = desk.most.value;
  return (
    <label class="rt-field rt-budget">
      show{" "}
      <input
        class="rt-range"
        type="range"
        aria-label="how many instances are shown"
        min={1}
        max={most}
        disabled={most === 0}
        value={desk.budget.value}
        onInput={(event) => desk.spend(Number(event.currentTarget.value))}
      />{" "}
      <b>{desk.budget.value}</b>
    </label>
  );
}

const METHODS = [
  ["submodular", "best cover", "each next one adds most to what is covered (submodular pick)"],
  ["random", "random", "drawn by chance, to compare with"],
] as const;

function Choices({ desk }: Props) {
  const { scene, table } = desk;
  const { method, target, errors } = desk.wish.value;
  return (
    <>
      <Segments
        say="how instances are picked"
        options={METHODS}
        now={method}
        onChoose={(name) => desk.choose({ method: name })}
      />
      {scene.classes.length > 1 && (
        <Choice
          say="predicted"
          options={[["", "any class"], ...scene.classes.map((name, i) => [i, name] as const)]}
          now={target ?? ""}
          onChoose={(wanted) => desk.choose({ target: wanted === "" ? null : wanted })}
        />
      )}
      {table.labelled && (
        <Button
          class="rt-button rt-toggle"
          aria-pressed={errors}
          title="only instances that the model gets wrong"
          onClick={() => desk.choose({ errors: !errors })}
        >
          errors only
        </Button>
      )}
    </>
  );
}

function Search({ desk }: Props) {
  return (
    <input
      class="rt-input rt-search"
      type="search"
      placeholder="search features and titles"
      aria-label="search features and titles"
      autocomplete="off"
      spellcheck={false}
      value={desk.query.value}
      onInput={(event) => {
        desk.look(event.currentTarget.value);
      }}
    />
  );
}
