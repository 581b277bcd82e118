/** What pointer and keys do to a picture. */
import { around, at, type Box, type Point, whole, within } from "./atlas";
import { touched } from "./brush";
import type { Easel, Tool } from "./easel";
import { runsCell } from "./keys";
import { ceil, floor, hypot, max, min } from "./maths";

type Keys = Pick<MouseEvent, "shiftKey" | "ctrlKey" | "metaKey">;

/** One drag of the pointer, from down to up. */
interface Drag {
  readonly move: (from: Point, to: Point) => void;
  readonly end?: (to: Point, keys: Keys) => void;
}

/** A rectangle begins after so much of the picture's width. */
const FAR = 0.01;

/** A click, or the same by key: with Shift the neighbours come along, with Ctrl it selects. */
function press(easel: Easel, id: number, { shiftKey, ctrlKey, metaKey }: Keys): void {
  const { desk, atlas, settings } = easel;
  const ids = shiftKey ? [id, ...(atlas.neighbours[id] ?? [])] : [id];
  if ((ctrlKey || metaKey) && easel.can.choose) settings.tool.value = "select";
  if (settings.tool.peek() === "select") easel.choose(ids, true);
  else desk.turn(ids, !desk.trial.off.peek().has(id));
}

function pick(easel: Easel, start: Point): Drag {
  const { atlas, sketch, settings } = easel;
  let box: Box | null = null;
  return {
    move(_, { x, y }) {
      if (!box && hypot(x - start.x, y - start.y) < FAR * atlas.width) return;
      const [x0, y0] = [floor(min(x, start.x)), floor(min(y, start.y))];
      const [x1, y1] = [ceil(max(x, start.x)), ceil(max(y, start.y))];
      box = { x0, y0, x1, y1 };
      sketch.value = `M${x0} ${y0}H${x1}V${y1}H${x0}Z`;
    },
    end(to, keys) {
      const ids = box ? within(atlas, box) : [];
      if (!box && at(atlas, to) >= 0) press(easel, at(atlas, to), keys);
      else if (settings.tool.peek() === "select") easel.choose(ids);
      else easel.desk.turn(ids);
    },
  };
}

function brush(easel: Easel, start: Point): Drag {
  const { desk, atlas } = easel;
  const away = !desk.trial.off.peek().has(at(atlas, start));
  return { move: (...stretch) => desk.turn(touched(atlas, stretch, easel.radius), away) };
}

const draw = (easel: Easel): Drag => ({
  move: (...stretch) => easel.stroke(stretch),
  end: () => void easel.ask(),
});

const DRAGS: Readonly<Record<Tool, (easel: Easel, start: Point) => Drag>> = {
  take: pick,
  select: pick,
  brush,
  draw,
};

/** What the brush would touch. */
function ring({ settings, radius }: Easel, { x, y }: Point): string {
  const brushes = DRAGS[settings.tool.peek()] !== pick;
  return brushes
    ? `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`
    : "";
}

export function handsFor(easel: Easel) {
  const { desk, atlas, sketch, settings } = easel;
  let drag: Drag | null = null;
  let last: Point = { x: 0, y: 0 };
  const pointOf = ({ currentTarget, clientX, clientY }: MouseEvent): Point => {
    const { left, top, width, height } = (currentTarget as Element).getBoundingClientRect();
    return { x: ((clientX - left) * atlas.width) / width, y: ((clientY - top) * atlas.height) / height };
  };
  const drop = () => {
    drag = null;
    sketch.value = "";
  };
  const leave = () => {
    sketch.value = "";
    desk.hover.value = -1;
  };
  return {
    onPointerDown(event: PointerEvent) {
      if (event.button || settings.original.peek()) return;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      last = pointOf(event);
      easel.at.value = at(atlas, last);
      drag = DRAGS[settings.tool.peek()](easel, last);
      drag.move(last, last);
    },
    onPointerMove(event: PointerEvent) {
      const here = pointOf(event);
      desk.hover.value = at(atlas, here);
      sketch.value = ring(easel, here);
      drag?.move(last, here);
      last = here;
    },
    onPointerUp(event: PointerEvent) {
      drag?.end?.(pointOf(event), event);
      drop();
    },
    onPointerCancel: drop,
    onPointerLeave: leave,
    onBlur: leave,
    onFocus() {
      const [strongest = 0] = desk.shown.peek().keys();
      easel.stand(easel.at.peek() < 0 ? strongest : easel.at.peek());
    },
    onKeyDown(event: KeyboardEvent) {
      if (event.altKey || runsCell(event) || !keyed(easel, event)) return;
      if (event.key === "Escape") drop();
      event.preventDefault();
    },
  };
}

function keyed(easel: Easel, event: KeyboardEvent): boolean {
  const stage = event.currentTarget as HTMLElement;
  const id = easel.at.peek();
  if (event.key === " " || event.key === "Enter") press(easel, id, event);
  else if (event.key === "Escape") easel.unchoose();
  else if (event.ctrlKey || event.metaKey) return false;
  else if (event.key.toLowerCase() === "m")
    easel.desk.flag(id, stage, stage.querySelector(".rt-cursor")?.getBoundingClientRect());
  else return easel.move(event.key);
  return true;
}

/** Lay a picture from the clipboard into what is selected, else into the superpixel last met, else over all. */
export function paste(easel: Easel, event: ClipboardEvent): void {
  const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
  if (!file || !easel.can.draw) return;
  const { atlas, chosen, at } = easel;
  const ids = chosen.peek().size ? [...chosen.peek()] : [at.peek()];
  event.preventDefault();
  event.stopPropagation();
  void easel.paste(file, around(ids.map((id) => atlas.boxes[id])) ?? whole(atlas));
}
