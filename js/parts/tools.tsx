/** What pointer and keys do, and how the picture is looked at. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { Easel, Tool } from "../easel";
import { count } from "../format";

const TOOLS: readonly (readonly [tool: Tool, name: string, does: string])[] = [
  ["take", "Take away", "click, or drag a rectangle; Shift takes the neighbours along"],
  ["brush", "Brush", "brush over superpixels to take them away; begin on an absent one to put back"],
  ["select", "Select", "click superpixels or drag a rectangle, then merge, split or mark"],
  ["draw", "Draw", "paint, or paste a picture; the model is asked, the surrogate cannot know"],
];

export function Tools({ easel }: { easel: Easel }) {
  const { tool } = easel.settings;
  const offered = TOOLS.filter(([name]) => allowed(easel, name));
  return (
    <div class="rt-tools">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame of its own */}
      <div class="rt-segments" role="group" aria-label="the pointer's tool">
        {offered.map(([name, title, does]) => (
          <button
            key={name}
            type="button"
            class="rt-segment"
            aria-pressed={tool.value === name}
            title={does}
            onClick={() => {
              tool.value = name;
            }}
          >
            {title}
          </button>
        ))}
      </div>
      <Context easel={easel} />
    </div>
  );
}

const allowed = (easel: Easel, tool: Tool) =>
  tool === "select" ? easel.desk.host.send !== null : tool !== "draw" || easel.draws;

/** What belongs to the tool in hand. */
function Context({ easel }: { easel: Easel }) {
  const { settings, desk, chosen } = easel;
  const tool = settings.tool.value;
  if (tool === "select" && chosen.value.size > 0) return <Chosen easel={easel} />;
  if (tool === "take" || tool === "select")
    return <span class="rt-soft rt-how">{TOOLS.find(([name]) => name === tool)?.[2]}</span>;
  return (
    <div class="rt-context">
      {tool === "draw" && (
        <label class="rt-field">
          colour <input class="rt-ink" type="color" {...bound(settings.ink)} />
        </label>
      )}
      <label class="rt-field">
        size <input class="rt-range" type="range" min={1} max={30} {...boundNumber(settings.brush)} />
      </label>
      {tool === "draw" && (
        <button
          type="button"
          class="rt-button"
          disabled={!desk.trial.drawing.value}
          onClick={() => desk.draw(null)}
        >
          Clear drawing
        </button>
      )}
    </div>
  );
}

const bound = (setting: Signal<string>) => ({
  value: setting.value,
  onInput: (event: Event) => {
    setting.value = (event.currentTarget as HTMLInputElement).value;
  },
});

const boundNumber = (setting: Signal<number>) => ({
  value: setting.value,
  onInput: (event: Event) => {
    setting.value = Number((event.currentTarget as HTMLInputElement).value);
  },
});

/** What can be done with what is selected. */
function Chosen({ easel }: { easel: Easel }) {
  const { desk, chosen, reshapes } = easel;
  const bar = useRef<HTMLDivElement>(null);
  const ids = [...chosen.value];
  const busy = desk.host.state.status.value.phase !== "idle" || !reshapes;
  const mark = () =>
    bar.current && desk.ponder({ features: ids, anchor: bar.current.querySelector("button") ?? bar.current });
  return (
    <div ref={bar} class="rt-context">
      <span>
        <b>{count(ids.length)}</b> selected
      </span>
      <Action disabled={busy || ids.length < 2} onClick={() => easel.reshape("merge")}>
        Merge
      </Action>
      <Action disabled={busy} onClick={() => easel.reshape("split")}>
        Split
      </Action>
      <Action onClick={() => desk.turn(ids, !ids.every((id) => desk.trial.off.peek().has(id)))}>
        Take away
      </Action>
      <Action onClick={mark}>Mark</Action>
      <Action onClick={() => easel.unchoose()}>Clear</Action>
    </div>
  );
}

interface ActionProps {
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

const Action = ({ disabled = false, onClick, children }: ActionProps) => (
  <button type="button" class="rt-button" disabled={disabled} onClick={onClick}>
    {children}
  </button>
);
