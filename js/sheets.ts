/** Keep two canvases in step with an easel: the photograph in its own pixels, the evidence in the screen's. */
import { computed, effect, signal } from "@preact/signals";
import { around, type Size, whole } from "./atlas";
import { Sheet } from "./canvas";
import { changed, compose, onScreen, type Paint, screenOf, tint } from "./compose";
import type { Easel } from "./easel";

/** Draw what the model would see; only what changes is drawn again. */
export function keepPhoto(canvas: HTMLCanvasElement, easel: Easel): () => void {
  const { photo, atlas } = easel;
  const sheet = new Sheet(canvas, atlas);
  let before: readonly Uint8Array[] = [];
  let covered: Uint32Array | null = null;
  return effect(() => {
    const { absent, cover, wet } = { absent: easel.absent.value, cover: easel.cover, wet: easel.wet.value };
    const ids = changed(before, [absent]);
    const box = covered === cover ? around([...ids.map((id) => atlas.boxes[id]), wet]) : whole(atlas);
    before = [absent];
    covered = cover;
    if (!box) return;
    compose(sheet.out, photo, absent, cover, box);
    sheet.show(box);
  });
}

/** Stripes are so many CSS pixels apart. */
const PITCH = 7;

/** Draw the evidence, as fine as the screen is. */
export function keepEvidence(canvas: HTMLCanvasElement, { atlas, paint }: Easel): () => void {
  const size = signal<Size>({ width: 0, height: 0 });
  const screen = computed(() => screenOf(atlas, size.value));
  const scale = () => canvas.ownerDocument.defaultView?.devicePixelRatio ?? 1;
  let sheet: Sheet | null = null;
  let before: Paint;
  const observer = new ResizeObserver(([entry]) => {
    const { width = 0, height = 0 } = entry?.contentRect ?? {};
    size.value = { width: Math.round(width * scale()), height: Math.round(height * scale()) };
  });
  observer.observe(canvas);
  const end = effect(() => {
    const now = paint.value;
    if (!screen.value.width) return;
    const box =
      sheet?.size === screen.value ? around(changed(before, now).map((id) => atlas.boxes[id])) : whole(atlas);
    if (sheet?.size !== screen.value) sheet = new Sheet(canvas, screen.value);
    before = now;
    if (!box) return;
    const dirty = onScreen(box, atlas, screen.value);
    tint(sheet.out, screen.value, now, Math.round(PITCH * scale()), dirty);
    sheet.show(dirty);
  });
  return () => {
    end();
    observer.disconnect();
  };
}
