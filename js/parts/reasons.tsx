/** Reasons in rows: each with its flag and its name, and what a view puts beside them. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Desk } from "../desk";
import { hint } from "../labels";
import { spoken, toldOf } from "../told";
import type { Beside } from "../view";
import { walk } from "../walk";
import { Button } from "./button";

interface ReasonsProps extends Beside {
  /** In the order of the rows. */
  readonly features: readonly number[];
  readonly head: ComponentChildren;
  /** What stands in a row after the name. */
  readonly cells: (feature: number) => ComponentChildren;
}

/** A row for each feature, with its flag and its name; one tab stop for all. */
export function Reasons({ desk, features, head, cells, ...names }: ReasonsProps) {
  const stop = useSignal("");
  const known = features.some((id) => stop.value.endsWith(`-${id}`));
  const tabStop = known ? stop.value : `${desk.host.send ? "flag" : "name"}-${features[0]}`;
  return (
    <>
      {features.length === 0 && <p class="rt-none">nothing moves this prediction</p>}
      <ul
        class="rt-rows"
        aria-label="reasons, largest first"
        onKeyDown={(event) => walk(event, desk.host.send ? 2 : 1)}
        onFocusIn={(event) => {
          stop.value = (event.target as HTMLElement).dataset.stop ?? "";
        }}
      >
        {features.length > 0 && head}
        {features.map((id) => (
          <Row key={id} desk={desk} feature={id}>
            <Flag desk={desk} feature={id} tabStop={tabStop} />
            <Name desk={desk} feature={id} tabStop={tabStop} {...names} />
            {cells(id)}
          </Row>
        ))}
      </ul>
    </>
  );
}

interface RowProps {
  readonly desk: Desk;
  readonly feature: number;
  readonly children: ComponentChildren;
}

function Row({ desk: { hover, trial }, feature: id, children }: RowProps) {
  const lit = hover.value === id ? " rt-hot" : "";
  const away = trial.off.value.has(id) || trial.edits.value.has(id) ? " rt-off" : "";
  const enter = () => {
    hover.value = id;
  };
  const leave = () => {
    hover.value = -1;
  };
  return (
    <li
      class={`rt-row${lit}${away}`}
      data-feature={id}
      onPointerEnter={enter}
      onPointerLeave={leave}
      onFocusIn={enter}
      onFocusOut={leave}
    >
      {children}
    </li>
  );
}

interface FlagProps {
  readonly desk: Desk;
  readonly feature: number;
  readonly tabStop: string | undefined;
  /** What is marked, where it is not called as its feature is. */
  readonly name?: string;
}

/** Marks a feature, or takes the mark back; a page alone only shows it. */
export function Flag({ desk, feature, tabStop, name }: FlagProps) {
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
      aria-label={`mark ${name ?? told.name} as untrustworthy`}
      title={told.mark ? `${hint(told)}\nclick to take the mark back` : "mark as untrustworthy"}
      onClick={(event) => desk.flag(feature, event.currentTarget, undefined, name)}
    >
      {icon}
    </Button>
  );
}

export const FlagIcon = () => (
  <svg class="rt-icon" viewBox="0 0 12 12" aria-hidden>
    <path d="M2.5 11.5v-11M2.5 1.2h7.2L8 3.7l1.7 2.6H2.5" />
  </svg>
);

type NameProps = Beside & FlagProps;

const ALIKE = "cannot be told from the one above by its size";

export function Name({ desk, feature, toggles, tabStop, onName, name }: NameProps) {
  const told = toldOf(desk, feature);
  const stop = `name-${feature}`;
  const tied = desk.tied.value.has(feature);
  const said = toggles ? spoken(desk, feature) : `${told.name}, find it in the text`;
  return (
    <Button
      class={told.mark ? "rt-name rt-marked" : "rt-name"}
      data-stop={stop}
      tabIndex={stop === tabStop ? 0 : -1}
      title={tied ? `${told.name}\n${ALIKE}` : told.name}
      onClick={() => onName(feature)}
      aria-label={tied ? `${said}, ${ALIKE}` : said}
      aria-pressed={toggles ? told.off : undefined}
    >
      {tied && <span class="rt-tied">≈</span>}
      {name ?? told.name}
    </Button>
  );
}
