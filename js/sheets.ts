/** Keep two canvases in step with an easel: the photograph in its own pixels, the evidence in the screen's. */
import { computed, effect, signal } from "@preact/signals";
import { around, type Size, whole } from "./atlas";
import { Sheet } from "./canvas";
import { changed, compose, onScreen, type Paint, screenOf, tint } from "./compose";
import type { Easel } from "./easel";

/** Draw what the model would see; only what changes is drawn again. */
export function keepPhoto(canvas: HTMLCanvasElement, easel: Easel): () => void {
  const { photo, atlas } = easel;
  const sheet = new Sheet(canvas, photo);
  let before: { readonly absent: Uint8Array; readonly cover: Uint32Array } | null = null;
  return effect(() => {
    const [absent, cover, wet] = [easel.absent.value, easel.cover, easel.wet.value];
    const ids = before?.cover === cover ? changed(before.absent, absent) : null;
    const box = ids ? around([...ids.map((id) => atlas.boxes[id]), wet ?? undefined]) : whole(photo);
    before = { absent, cover };
    if (!box) return;
    compose(sheet.out, photo, absent, cover, box);
    sheet.show(box);
  });
}

/** Stripes are so many CSS pixels apart. */
const PITCH = 7;

/** Draw the evidence, as fine as the screen is. */
export function keepEvidence(canvas: HTMLCanvasElement, easel: Easel): () => void {
  const { atlas } = easel;
  const size = signal<Size | null>(null);
  const screen = computed(() => size.value && screenOf(atlas, size.value));
  let sheet: Sheet | null = null;
  let before: Paint | null = null;
  const unwatch = watchSize(canvas, (now) => {
    size.value = now;
  });
  const end = effect(() => {
    const paint = easel.paint.value;
    if (!screen.value) return;
    const again = sheet?.size === size.value;
    if (!sheet || !again) sheet = new Sheet(canvas, screen.value);
    const box =
      again && before ? around(repainted(before, paint).map((id) => atlas.boxes[id])) : whole(atlas);
    before = paint;
    if (!box) return;
    const dirty = onScreen(box, atlas, screen.value);
    tint(sheet.out, screen.value, paint, Math.round(PITCH * scaleOf(canvas)), dirty);
    sheet.show(dirty);
  });
  return () => {
    end();
    unwatch();
  };
}

function repainted(before: Paint, { plain, lined, falling, edged }: Paint): number[] {
  return [...plain.keys()].filter(
    (id) =>
      before.plain[id] !== plain[id] ||
      before.lined[id] !== lined[id] ||
      before.falling[id] !== falling[id] ||
      before.edged[id] !== edged[id],
  );
}

const scaleOf = (element: Element) => element.ownerDocument.defaultView?.devicePixelRatio || 1;

/** Tell an element's size in the screen's pixels, now and whenever it changes. */
function watchSize(element: Element, tell: (size: Size) => void): () => void {
  const observer = new ResizeObserver(([entry]) => {
    const exact = entry?.devicePixelContentBoxSize?.[0];
    const scale = scaleOf(element);
    const width = exact?.inlineSize ?? Math.round((entry?.contentRect.width ?? 0) * scale);
    const height = exact?.blockSize ?? Math.round((entry?.contentRect.height ?? 0) * scale);
    if (width > 0 && height > 0) tell({ width, height });
  });
  try {
    observer.observe(element, { box: "device-pixel-content-box" });
  } catch {
    observer.observe(element); // Safari knows CSS pixels only
  }
  return () => observer.disconnect();
}
