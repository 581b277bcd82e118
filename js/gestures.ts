/** What pointer and keys do to a picture. */
import { around, at, type Box, type Point, region, whole, within } from "./atlas";
import { touched } from "./brush";
import type { Easel } from "./easel";

interface Keys {
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** One drag of the pointer, from down to up. */
interface Drag {
  move(from: Point, to: Point): void;
  end(to: Point, keys: Keys): void;
}

/** A rectangle begins after so much of the picture's width. */
const FAR = 0.01;

const boxOf = (a: Point, b: Point): Box => ({
  left: Math.floor(Math.min(a.x, b.x)),
  top: Math.floor(Math.min(a.y, b.y)),
  right: Math.ceil(Math.max(a.x, b.x)),
  bottom: Math.ceil(Math.max(a.y, b.y)),
});

/** Take superpixels away; where all are away, put them back. */
function turn({ desk }: Easel, ids: readonly number[]): void {
  const off = desk.trial.off.peek();
  desk.turn(ids, !ids.every((id) => off.has(id)));
}

/** A click, or the same by key: with Shift the neighbours come along, with Ctrl it selects. */
export function press(easel: Easel, id: number, { shiftKey, ctrlKey, metaKey }: Keys): void {
  const { desk, atlas, settings } = easel;
  const ids = shiftKey ? region(atlas, id) : [id];
  if (ctrlKey || metaKey) settings.tool.value = "select";
  if (settings.tool.peek() === "select") easel.choose(ids, true);
  else desk.turn(ids, !desk.trial.off.peek().has(id));
}

function pick(easel: Easel, start: Point): Drag {
  const { atlas, marquee, settings } = easel;
  return {
    move(_, to) {
      const far = Math.hypot(to.x - start.x, to.y - start.y) > FAR * atlas.width;
      if (far || marquee.peek()) marquee.value = boxOf(start, to);
    },
    end(to, keys) {
      const box = marquee.peek();
      marquee.value = null;
      const ids = box ? within(atlas, box) : [];
      if (!box && at(atlas, to) >= 0) press(easel, at(atlas, to), keys);
      else if (settings.tool.peek() === "select") easel.choose(ids);
      else turn(easel, ids);
    },
  };
}

function brush(easel: Easel, start: Point): Drag {
  const { desk, atlas } = easel;
  const away = !desk.trial.off.peek().has(at(atlas, start));
  const move = (from: Point, to: Point) => desk.turn(touched(atlas, [from, to], easel.radius), away);
  move(start, start);
  return { move, end: () => {} };
}

function draw(easel: Easel, start: Point): Drag {
  easel.stroke([start, start]);
  return { move: (from, to) => easel.stroke([from, to]), end: () => void easel.ask() };
}

const DRAGS = { take: pick, select: pick, brush, draw };

export function handsFor(easel: Easel) {
  const { desk, atlas, marquee, pointer, settings } = easel;
  let drag: Drag | null = null;
  let last: Point = { x: 0, y: 0 };
  const pointOf = (event: MouseEvent): Point => {
    const { left, top, width, height } = (event.currentTarget as Element).getBoundingClientRect();
    return {
      x: ((event.clientX - left) * atlas.width) / width,
      y: ((event.clientY - top) * atlas.height) / height,
    };
  };
  const drop = () => {
    drag = null;
    marquee.value = null;
  };
  return {
    onPointerDown(event: PointerEvent) {
      if (event.button !== 0 || settings.original.peek()) return;
      (event.currentTarget as Element).setPointerCapture?.(event.pointerId);
      last = pointOf(event);
      easel.at.value = at(atlas, last);
      drag = DRAGS[settings.tool.peek()](easel, last);
    },
    onPointerMove(event: PointerEvent) {
      const here = pointOf(event);
      pointer.value = here;
      desk.hover.value = at(atlas, here);
      drag?.move(last, here);
      last = here;
    },
    onPointerUp(event: PointerEvent) {
      drag?.end(pointOf(event), event);
      drop();
    },
    onPointerCancel: drop,
    onPointerLeave() {
      pointer.value = null;
      desk.hover.value = -1;
    },
    onFocus() {
      const [strongest = at(atlas, { x: atlas.width / 2, y: atlas.height / 2 })] = desk.shown.peek().keys();
      easel.stand(easel.at.peek() < 0 ? strongest : easel.at.peek());
    },
    onBlur() {
      desk.hover.value = -1;
    },
    onKeyDown(event: KeyboardEvent) {
      if (event.altKey || !keyed(easel, event)) return;
      if (event.key === "Escape") drop();
      event.preventDefault();
    },
  };
}

function keyed(easel: Easel, event: KeyboardEvent): boolean {
  const id = easel.at.peek();
  if (event.key === " " || event.key === "Enter") press(easel, id, event);
  else if (event.key === "Escape") easel.unchoose();
  else if (event.ctrlKey || event.metaKey) return false;
  else if (event.key.toLowerCase() === "m") markAt(easel, id, event.currentTarget as HTMLElement);
  else return easel.move(event.key);
  return true;
}

/** Open the form under the superpixel. */
function markAt({ desk, atlas }: Easel, id: number, stage: HTMLElement): void {
  const box = atlas.boxes[id];
  if (!box) return;
  const { left, top, width, height } = stage.getBoundingClientRect();
  const [right, down] = [width / atlas.width, height / atlas.height];
  const [w, h] = [(box.right - box.left) * right, (box.bottom - box.top) * down];
  desk.flag(id, stage, new DOMRect(left + box.left * right, top + box.top * down, w, h));
}

/** Lay a picture from the clipboard into what is selected, else into the superpixel last met, else over all. */
export function paste(easel: Easel, event: ClipboardEvent): void {
  const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
  if (!file || !easel.draws) return;
  const { atlas, chosen } = easel;
  const ids = chosen.peek().size ? [...chosen.peek()] : [easel.at.peek()];
  event.preventDefault();
  event.stopPropagation();
  void easel.paste(file, around(ids.map((id) => atlas.boxes[id])) ?? whole(atlas));
}
