/** The picture itself: photograph, evidence over it, and the lines around what is pointed at, chosen or marked. */
import { useComputed } from "@preact/signals";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Size } from "../atlas";
import type { Easel } from "../easel";
import { handsFor } from "../gestures";
import { keepEvidence, keepPhoto } from "../sheets";

const HELP =
  "The picture, superpixel by superpixel. Arrow keys move, Space takes a superpixel away or puts it back, " +
  "Shift and Space its neighbours too, Control and Space selects it, M marks it.";

/** Pictures of so few pixels are shown pixel by pixel. */
const TINY = 96;

export const sized = ({ width, height }: Size) => `--rt-w:${width};--rt-h:${height}`;
export const crisp = ({ width, height }: Size) =>
  Math.max(width, height) <= TINY ? "rt-photo rt-tiny" : "rt-photo";

export function Stage({ easel }: { easel: Easel }) {
  const photo = useRef<HTMLCanvasElement>(null);
  const evidence = useRef<HTMLCanvasElement>(null);
  const hands = useMemo(() => handsFor(easel), [easel]);
  useLayoutEffect(() => (photo.current ? keepPhoto(photo.current, easel) : undefined), [easel]);
  useLayoutEffect(() => (evidence.current ? keepEvidence(evidence.current, easel) : undefined), [easel]);
  return (
    <div
      class={`rt-stage rt-tool-${easel.settings.tool.value}`}
      style={sized(easel.photo)}
      role="application"
      aria-label={HELP}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keys
      tabIndex={0}
      {...hands}
    >
      <canvas ref={photo} class={crisp(easel.photo)} aria-hidden="true" />
      <canvas ref={evidence} class="rt-evidence" aria-hidden="true" />
      <Lines easel={easel} />
    </div>
  );
}

function Lines({ easel }: { easel: Easel }) {
  const { desk, photo, chosen, settings } = easel;
  const plain = settings.original.value;
  return (
    <svg
      class="rt-lines"
      viewBox={`0 0 ${photo.width} ${photo.height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {!plain &&
        [...desk.marks.value.keys()].map((id) => <Line key={id} easel={easel} id={id} kind="rt-marked" />)}
      {[...chosen.value].map((id) => (
        <Line key={id} easel={easel} id={id} kind="rt-chosen" />
      ))}
      <Hot easel={easel} />
      <Line easel={easel} id={easel.at.value} kind="rt-cursor" />
      <Marquee easel={easel} />
      <Ring easel={easel} />
    </svg>
  );
}

interface LineProps {
  readonly easel: Easel;
  readonly id: number;
  readonly kind: string;
}

/** A line on a lighter one, to be seen on any ground. */
function Line({ easel, id, kind }: LineProps) {
  if (id < 0) return null;
  const d = easel.outline(id);
  return (
    <g class={`rt-line ${kind}`} data-feature={id}>
      <path d={d} />
      <path d={d} />
    </g>
  );
}

const Hot = ({ easel }: { easel: Easel }) => <Line easel={easel} id={easel.desk.hover.value} kind="rt-hot" />;

function Marquee({ easel: { marquee } }: { easel: Easel }) {
  const box = marquee.value;
  if (!box) return null;
  const { left, top, right, bottom } = box;
  const d = `M${left} ${top}H${right}V${bottom}H${left}Z`;
  return (
    <g class="rt-line rt-marquee">
      <path d={d} />
      <path d={d} />
    </g>
  );
}

/** What the brush would touch. */
function Ring({ easel }: { easel: Easel }) {
  const { pointer, settings } = easel;
  const brushes = useComputed(() => settings.tool.value === "brush" || settings.tool.value === "draw");
  if (!pointer.value || !brushes.value) return null;
  const { x, y } = pointer.value;
  return (
    <g class="rt-line rt-ring">
      <circle cx={x} cy={y} r={easel.radius} />
      <circle cx={x} cy={y} r={easel.radius} />
    </g>
  );
}
