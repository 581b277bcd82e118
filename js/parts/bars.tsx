/** Weights as bars on one axis, with their intervals; the same in every view. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Weight } from "../contract";
import type { Desk } from "../desk";
import { signed, spread } from "../format";
import { hint, side } from "../labels";
import { abs, min } from "../maths";
import { margin, reach } from "../surrogate";
import { spoken, toldOf } from "../told";
import { Button } from "./button";

interface Props {
  readonly desk: Desk;
  /** Whether names take their feature away, as where there is no text to click in. */
  readonly toggles: boolean;
  readonly onName: (feature: number) => void;
}

export function Bars({ desk, toggles, onName }: Props) {
  const stop = useSignal("");
  const weights = [...desk.shown.value.values()];
  const stops = weights.map(([id]) => `${desk.host.send ? "flag" : "name"}-${id}`);
  const tabStop = stopAmong(weights, stop.value) ? stop.value : stops[0];
  const end = reach(weights);
  return (
    <div
      class={desk.reading.value.doubt ? "rt-bars rt-doubtful" : "rt-bars"}
      aria-busy={desk.wanted.value !== null}
    >
      {weights.length === 0 && <p class="rt-none">nothing moves this prediction</p>}
      <ul
        class="rt-rows"
        aria-label="reasons, largest first"
        onKeyDown={walk}
        onFocusIn={(event) => {
          stop.value = (event.target as HTMLElement).dataset.stop ?? "";
        }}
      >
        {weights.length > 0 && <Legend desk={desk} />}
        {weights.map((weight) => (
          <Row key={weight[0]} desk={desk} weight={weight} end={end}>
            <Flag desk={desk} feature={weight[0]} tabStop={tabStop} />
            <Name desk={desk} weight={weight} toggles={toggles} tabStop={tabStop} onName={onName} />
          </Row>
        ))}
      </ul>
    </div>
  );
}

const stopAmong = (weights: readonly Weight[], stop: string) =>
  weights.some(([id]) => stop === `flag-${id}` || stop === `name-${id}`);

/** Arrows: up and down among rows, left and right within one. */
function walk(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement;
  const buttons = [...list.querySelectorAll("button")];
  const here = buttons.indexOf(event.target as HTMLButtonElement);
  const perRow = buttons.length / list.querySelectorAll(".rt-row").length;
  const moves: Record<string, number> = {
    ArrowDown: here + perRow,
    ArrowUp: here - perRow,
    ArrowRight: here + 1,
    ArrowLeft: here - 1,
    Home: 0,
    End: buttons.length - 1,
  };
  const next = moves[event.key];
  if (next === undefined) return;
  buttons[next]?.focus();
  event.preventDefault();
}

function Legend({ desk: { scene, reading } }: { desk: Desk }) {
  const { target } = reading.value;
  return (
    <li class="rt-legend" aria-hidden="true">
      <span class="rt-against">{side(scene, target, -1)}</span>
      <span class="rt-for">{side(scene, target, 1)}</span>
    </li>
  );
}

interface RowProps {
  readonly desk: Desk;
  readonly weight: Weight;
  readonly end: number;
  readonly children: ComponentChildren;
}

function Row({ desk, weight, end, children }: RowProps) {
  const { scene, reading, digits, hover, trial } = desk;
  const [id, size] = weight;
  const half = margin(weight);
  const lit = hover.value === id ? " rt-hot" : "";
  const away = trial.off.value.has(id) || trial.edits.value.has(id) ? " rt-off" : "";
  return (
    <li
      class={`rt-row${lit}${away}`}
      data-feature={id}
      onPointerEnter={() => (hover.value = id)}
      onPointerLeave={() => (hover.value = -1)}
      onFocusIn={() => (hover.value = id)}
      onFocusOut={() => (hover.value = -1)}
    >
      {children}
      <Axis size={size} half={half} end={end} />
      <span class="rt-value">
        <span class="rt-unseen">{side(scene, reading.value.target, size)} </span>
        {signed(size, digits.value)}
        {half !== null && <small> ±{spread(half, digits.value)}</small>}
      </span>
    </li>
  );
}

/** The bar from zero in the middle, and the whisker across its end. */
function Axis({ size, half, end }: { size: number; half: number | null; end: number }) {
  const share = (x: number) => (50 * x) / end;
  const from = 50 + share(min(size, 0));
  return (
    <span class="rt-axis" aria-hidden="true">
      <i class={size < 0 ? "rt-against" : "rt-for"} style={`left:${from}%;width:${share(abs(size))}%`} />
      {half !== null && <u style={`left:${50 + share(size - half)}%;width:${share(2 * half)}%`} />}
    </span>
  );
}

/** Marks a feature, or takes the mark back; a page alone only shows it. */
function Flag({ desk, feature, tabStop }: { desk: Desk; feature: number; tabStop: string | undefined }) {
  const told = toldOf(desk, feature);
  const icon = <FlagIcon />;
  if (!desk.host.send) return <span class="rt-flag">{told.mark && icon}</span>;
  const stop = `flag-${feature}`;
  return (
    <Button
      class="rt-flag"
      data-stop={stop}
      tabIndex={stop === tabStop ? 0 : -1}
      aria-pressed={told.mark !== undefined}
      aria-label={`mark ${told.name} as untrustworthy`}
      title={told.mark ? `${hint(told)}\nclick to take the mark back` : "mark as untrustworthy"}
      onClick={(event) => desk.flag(feature, event.currentTarget)}
    >
      {icon}
    </Button>
  );
}

const FlagIcon = () => (
  <svg class="rt-icon" viewBox="0 0 12 12" aria-hidden="true">
    <path d="M2.5 11.5v-11M2.5 1.2h7.2L8 3.7l1.7 2.6H2.5" />
  </svg>
);

interface NameProps extends Props {
  readonly weight: Weight;
  readonly tabStop: string | undefined;
}

function Name({ desk, weight: [feature], toggles, tabStop, onName }: NameProps) {
  const told = toldOf(desk, feature);
  const stop = `name-${feature}`;
  const state = toggles
    ? { "aria-pressed": told.off, "aria-label": spoken(desk, feature) }
    : { "aria-label": `${told.name}, find it in the text` };
  return (
    <Button
      class={told.mark ? "rt-name rt-marked" : "rt-name"}
      data-stop={stop}
      tabIndex={stop === tabStop ? 0 : -1}
      title={told.name}
      onClick={() => onName(feature)}
      {...state}
    >
      {told.name}
    </Button>
  );
}
