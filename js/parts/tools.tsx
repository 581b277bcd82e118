/** What the pointer does to a picture, and how the picture is looked at. */
import { useRef } from "preact/hooks";
import type { Easel, Tool } from "../easel";
import { Button } from "./button";
import { Kept, Toggle } from "./field";
import { HowMany } from "./many";

const TOOLS: readonly (readonly [tool: Tool, name: string, does: string])[] = [
  ["take", "Click", "take away with a click or a rectangle; Shift adds the neighbours"],
  ["brush", "Brush", "brush over superpixels to take them away or put them back"],
  ["select", "Select", "choose with clicks or a rectangle, then merge, split or mark"],
  ["draw", "Draw", "draw or paste: the model sees it, the surrogate does not"],
];

export function Tools({ easel }: { easel: Easel }) {
  const { tool } = easel.settings;
  const { draw, reshape } = easel.can;
  const offered: Readonly<Record<Tool, unknown>> = { take: true, brush: true, select: reshape, draw };
  return (
    <>
      <div class="rt-tools">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame of its own */}
        <div class="rt-segments" role="group" aria-label="tool">
          {TOOLS.map(
            ([name, title, does]) =>
              offered[name] && (
                <Button
                  key={name}
                  class="rt-segment"
                  aria-pressed={tool.value === name}
                  title={does}
                  onClick={() => {
                    tool.value = name;
                  }}
                >
                  {title}
                </Button>
              ),
          )}
        </div>
        <Toggle setting={easel.settings.original}>Original</Toggle>
      </div>
      <div class="rt-tools">
        <Context easel={easel} />
      </div>
    </>
  );
}

/** What belongs to the tool in hand. */
function Context({ easel: { settings, desk, chosen }, easel }: { easel: Easel }) {
  const tool = settings.tool.value;
  if (tool === "select" && chosen.value.size) return <Chosen easel={easel} />;
  if (tool === "take" || tool === "select")
    return <span class="rt-how">{TOOLS.find(([name]) => name === tool)?.[2]}</span>;
  return (
    <>
      {tool === "draw" && (
        <Kept setting={settings.ink} type="color">
          colour
        </Kept>
      )}
      <Kept setting={settings.brush} type="range" min={1} max={30}>
        size
      </Kept>
      {tool === "draw" && (
        <Button disabled={!desk.trial.drawing.value} onClick={() => desk.draw(null)}>
          Clear drawing
        </Button>
      )}
    </>
  );
}

/** What can be done with what is selected. */
function Chosen({ easel }: { easel: Easel }) {
  const { desk, chosen } = easel;
  const anchor = useRef<HTMLDivElement>(null);
  const ids = [...chosen.value];
  const busy = desk.status.phase !== "idle";
  const reshape = (merge: readonly number[][], split: readonly number[]) => {
    easel.unchoose();
    desk.reshape(merge, split);
  };
  return (
    <div class="rt-chosen-bar" ref={anchor} tabIndex={-1}>
      <b>{ids.length}</b> selected
      <Button disabled={busy || ids.length < 2} onClick={() => reshape([ids], [])}>
        Merge
      </Button>
      <Button disabled={busy} onClick={() => reshape([], ids)}>
        Split
      </Button>
      <Button onClick={() => desk.turn(ids)}>Take away</Button>
      <Button
        onClick={() => {
          desk.marking.value = { features: ids, anchor: anchor.current as HTMLElement };
        }}
      >
        Mark
      </Button>
      <Button onClick={() => easel.unchoose()}>Clear</Button>
    </div>
  );
}

export function Glasses({ easel: { settings, desk } }: { easel: Easel }) {
  const most = desk.shown.value.size;
  const { top } = settings;
  return (
    <div class="rt-tools">
      <Kept setting={settings.strength} type="range" min={0} max={100}>
        evidence
      </Kept>
      <HowMany
        say="top"
        name="only the strongest, so many"
        n={top.value}
        most={most}
        onChange={(n) => {
          top.value = n < most ? n : Infinity;
        }}
      />
      <Toggle setting={settings.alone}>Hide the rest</Toggle>
      <Toggle setting={settings.outlines}>Outlines</Toggle>
    </div>
  );
}
