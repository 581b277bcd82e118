/** A column of text: its words in place, and below the weights of those that have one. */
import type { Prose } from "../contract";
import { MISSING } from "../labels";
import { Button } from "../parts/button";
import { Flag } from "../parts/reasons";
import { Frame, Other, type Props, stops, Toggle, Weighed } from "./cells";
import { Run } from "./run";

export function Story({ table, at, column }: Props & { column: Prose }) {
  const { desk } = table;
  const ids = table.featuresOf(at);
  const off = ids.length > 0 && ids.every((id) => desk.trial.off.value.has(id));
  const tabIndex = stops(table, at);
  return (
    <>
      <Frame table={table} at={at} class={off ? " rt-col-story rt-off" : " rt-col-story"}>
        <span class="rt-col-name">
          <Button
            class="rt-name"
            data-stop="name"
            tabIndex={tabIndex}
            aria-pressed={off}
            aria-label={`${column.name}, all its words`}
            title={column.name}
            onClick={() => desk.turn(ids)}
          >
            {column.name}
          </Button>
        </span>
        {column.value ? (
          <Run desk={desk} pieces={column.pieces} say={column.name} focused={!tabIndex} />
        ) : (
          <span class="rt-cell rt-soft">{MISSING}</span>
        )}
        <Other table={table} at={at} tabIndex={tabIndex} />
      </Frame>
      {table.weightsOf(at).map(([id]) => (
        <Word key={id} table={table} at={at} id={id} tabIndex={tabIndex} />
      ))}
    </>
  );
}

function Word({ table, at, id, tabIndex }: Props & { id: number; tabIndex: number }) {
  const { desk, scene } = table;
  const name = scene.features[id]?.name ?? "";
  const away = table.holds(id) ? "" : " rt-off";
  return (
    <Frame table={table} at={at} feature={id} class={` rt-col-word${away}`}>
      <Flag desk={desk} feature={id} name={table.called(id)} tabStop={tabIndex ? "" : `flag-${id}`} />
      <span class="rt-col-name">
        <Toggle table={table} id={id} name={name} focused={!tabIndex} />
      </span>
      <Weighed table={table} id={id} />
    </Frame>
  );
}
