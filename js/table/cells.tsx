/** What the lines of a row are made of: the frame, the name, the weight, the value of another row. */
import type { ComponentChildren } from "preact";
import type { Condition, Weight } from "../contract";
import { digitsFor, signed } from "../format";
import { MISSING } from "../labels";
import { abs } from "../maths";
import { Bar } from "../parts/bars";
import { Button } from "../parts/button";
import { Name } from "../parts/reasons";
import { reach } from "../surrogate";
import type { Table } from "./store";

export interface Props {
  readonly table: Table;
  readonly at: number;
}

interface FrameProps extends Props {
  readonly feature?: number | undefined;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A row that lights up under pointer and focus. */
export function Frame({
  table: { desk, at: focused },
  at,
  feature = -2,
  class: dress = "",
  children,
}: FrameProps) {
  const lit = desk.hover.value === feature ? " rt-hot" : "";
  const enter = () => {
    desk.hover.value = feature;
  };
  const leave = () => {
    desk.hover.value = -1;
  };
  return (
    <li
      class={`rt-col${dress}${lit}`}
      data-column={at}
      data-feature={feature}
      onPointerEnter={enter}
      onPointerLeave={leave}
      onFocusIn={() => {
        enter();
        focused.value = at;
      }}
      onFocusOut={leave}
    >
      {children}
    </li>
  );
}

export const stops = ({ at, drawn }: Table, column: number) =>
  (drawn.value.includes(at.value) ? at.value : drawn.value[0]) === column ? 0 : -1;

interface ToggleProps {
  readonly table: Table;
  readonly id: number;
  readonly name: string;
  readonly focused: boolean;
}

/** The name, which has its column drawn from the others. */
export const Toggle = ({ table: { desk }, id, name, focused }: ToggleProps) => (
  <Name
    desk={desk}
    feature={id}
    name={name}
    tabStop={focused ? `name-${id}` : ""}
    toggles
    onName={() => desk.toggle(id)}
  />
);

/** The bar of a feature; nothing where it has no weight. */
export function Weighed({ table: { desk, scene }, id }: { table: Table; id: number }) {
  const weight = desk.shown.value.get(id);
  const { target, doubt } = desk.reading.value;
  if (!weight) return <span class="rt-col-none">no weight</span>;
  const end = reach([...desk.shown.value.values()]);
  return (
    <span class={doubt ? "rt-col-weight rt-doubtful" : "rt-col-weight"}>
      <Bar weight={weight} {...{ end, scene, target }} digits={desk.digits.value} />
      <Slope weight={weight} condition={scene.features[id] as Condition} table={desk.scene} />
    </span>
  );
}

const DAY = 86_400;

/** A coefficient in the column's own unit. */
function Slope({ weight: [, size], condition: { per, column }, table }: SlopeProps) {
  if (per === undefined) return null;
  const dated = table.kind === "table" && table.columns[column]?.kind === "date";
  const slope = (size / per) * (dated ? DAY : 1);
  return (
    <small class="rt-per">
      {signed(slope, digitsFor(abs(slope)))} per {dated ? "day" : "unit"}
    </small>
  );
}

interface SlopeProps {
  readonly weight: Weight;
  readonly condition: Condition;
  readonly table: Table["desk"]["scene"];
}

/** The value of the row beside; a button takes it over where it differs. */
export function Other({ table, at, tabIndex }: Props & { tabIndex: number }) {
  const value = table.other(at);
  if (value === null) return null;
  const shown = value || MISSING;
  if (value === table.now(at) || table.featureOf(at) === undefined)
    return <span class={value === table.now(at) ? "rt-other rt-soft" : "rt-other"}>{shown}</span>;
  return (
    <span class="rt-other">
      <Button
        class="rt-chip rt-take"
        data-stop="take"
        tabIndex={tabIndex}
        title={`take ${shown} over`}
        aria-label={`take ${shown} over for ${table.column(at).name}`}
        onClick={() => table.take([at])}
      >
        <span aria-hidden>←</span> <span class="rt-chip-text">{shown}</span>
      </Button>
    </span>
  );
}
