/** The picture itself: photograph, evidence over it, and lines around what is pointed at, chosen or marked. */
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Easel } from "../easel";
import { handsFor } from "../gestures";
import { max } from "../maths";
import { keepEvidence, keepPhoto } from "../sheets";

const HELP =
  "The picture. Arrow keys move among superpixels, Space takes one away or puts it back, M marks it.";

/** Pictures of so few pixels are shown pixel by pixel. */
const TINY = 96;

export function Stage({ easel }: { easel: Easel }) {
  const hands = useMemo(() => handsFor(easel), [easel]);
  const { width, height } = easel.atlas;
  const tiny = max(width, height) <= TINY ? " rt-tiny" : "";
  return (
    <div
      class={`rt-stage rt-tool-${easel.settings.tool.value}${tiny}`}
      role="application"
      aria-label={HELP}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keys
      tabIndex={0}
      {...hands}
    >
      <Canvas easel={easel} name="rt-photo" keep={keepPhoto} />
      <Canvas easel={easel} name="rt-evidence" keep={keepEvidence} />
      <Lines easel={easel} />
    </div>
  );
}

interface CanvasProps {
  readonly easel: Easel;
  readonly name: string;
  readonly keep: typeof keepPhoto;
}

function Canvas({ easel, name, keep }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => keep(canvas.current as HTMLCanvasElement, easel), [easel]);
  return <canvas ref={canvas} class={name} />;
}

function Lines({ easel }: { easel: Easel }) {
  const { desk, atlas, chosen, settings, sketch, at } = easel;
  const line = (id: number, kind: string) => (
    <Line key={kind + id} kind={kind} id={id} d={easel.outline(id)} />
  );
  return (
    <svg class="rt-lines" viewBox={`0 0 ${atlas.width} ${atlas.height}`} aria-hidden>
      {!settings.original.value && [...desk.marks.value.keys()].map((id) => line(id, "rt-marked"))}
      {[...chosen.value].map((id) => line(id, "rt-chosen"))}
      {line(desk.hover.value, "rt-hot")}
      {line(at.value, "rt-cursor")}
      <Line kind="rt-sketch" d={sketch.value} />
    </svg>
  );
}

/** A line on a lighter one, to be seen on any ground. */
const Line = ({ kind, id, d }: { kind: string; id?: number; d: string }) => (
  <g class={`rt-line ${kind}`} data-feature={id}>
    <path d={d} />
    <path d={d} />
  </g>
);
