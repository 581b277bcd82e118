/** Keep two canvases in step with an easel: the photograph in its own pixels, the evidence in the screen's. */
import { computed, effect, signal } from "@preact/signals";
import type { Size } from "./atlas";
import { sheetOn } from "./canvas";
import { compose, screenOf, tint } from "./compose";
import type { Easel } from "./easel";
import { round } from "./maths";

/** Draw what the model would see. */
export function keepPhoto(canvas: HTMLCanvasElement, easel: Easel): () => void {
  const { photo, atlas, absent, wet } = easel;
  const sheet = sheetOn(canvas, atlas);
  return effect(() => {
    wet.value;
    compose(sheet.out, photo, absent.value, easel.cover);
    sheet.show();
  });
}

/** Stripes are so many CSS pixels apart. */
const PITCH = 7;

/** Draw the evidence, as fine as the screen is. */
export function keepEvidence(canvas: HTMLCanvasElement, { atlas, paint }: Easel): () => void {
  const size = signal<Size | null>(null);
  const observer = new ResizeObserver(() => {
    const { offsetWidth, offsetHeight } = canvas;
    size.value = {
      width: round(offsetWidth * devicePixelRatio),
      height: round(offsetHeight * devicePixelRatio),
    };
  });
  observer.observe(canvas);
  const surface = computed(
    () => size.value?.width && { screen: screenOf(atlas, size.value), sheet: sheetOn(canvas, size.value) },
  );
  const end = effect(() => {
    if (!surface.value) return;
    const { screen, sheet } = surface.value;
    tint(sheet.out, screen, paint.value, round(PITCH * devicePixelRatio));
    sheet.show();
  });
  return () => {
    end();
    observer.disconnect();
  };
}
