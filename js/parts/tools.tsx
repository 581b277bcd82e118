/** What the pointer does to a picture, and how the picture is looked at. */
import type { ComponentType } from "preact";
import type { Easel, Tool } from "../easel";
import { Button } from "./button";
import { Kept, Segments, Toggle } from "./field";
import { HowMany } from "./many";

const TOOLS: readonly (readonly [tool: Tool, name: string, does: string])[] = [
  ["take", "Click", "take away with a click or a rectangle; Shift adds the neighbours"],
  ["brush", "Brush", "brush over superpixels to take them away or put them back"],
  ["select", "Select", "choose with clicks or a rectangle, then merge, split or mark"],
  ["draw", "Draw", "draw or paste: the model sees it, the surrogate does not"],
];

interface Props {
  readonly easel: Easel;
  /** What can be done with what is selected. */
  readonly Chosen?: ComponentType<{ easel: Easel }> | undefined;
}

export function Tools({ easel, Chosen }: Props) {
  const { tool } = easel.settings;
  const { draw, choose } = easel.can;
  const offered: Readonly<Record<Tool, unknown>> = { take: true, brush: true, select: choose, draw };
  return (
    <>
      <div class="rt-tools">
        <Segments
          say="tool"
          options={TOOLS.filter(([name]) => offered[name])}
          now={tool.value}
          onChoose={(name) => {
            tool.value = name;
          }}
        />
        <Toggle setting={easel.settings.original}>Original</Toggle>
      </div>
      <div class="rt-tools">
        <Context easel={easel} Chosen={Chosen} />
      </div>
    </>
  );
}

/** What belongs to the tool in hand. */
function Context({ easel: { settings, desk, chosen }, easel, Chosen }: Props) {
  const tool = settings.tool.value;
  if (Chosen && tool === "select" && chosen.value.size) return <Chosen easel={easel} />;
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
