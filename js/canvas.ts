/** The only file that knows canvases: bytes to pixels, pixels to bytes, pixels to the screen. Red is lowest in a pixel. */
import { type Box, type Size, whole } from "./atlas";
import type { Bytes } from "./bytes";
import { min, round } from "./maths";

/** Numbers are read from label maps, so nothing may be converted. */
const EXACT: ImageBitmapOptions = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
const PNG = 0x89;

const sheetOf = ({ width, height }: Size) =>
  new OffscreenCanvas(width, height).getContext("2d", {
    willReadFrequently: true,
  }) as OffscreenCanvasRenderingContext2D;

/** The pixels of a picture of a certain size. */
export function decode(bytes: Bytes, size: Size): Promise<Uint32Array> {
  const type = bytes[0] === PNG ? "image/png" : "image/webp";
  return drawIn(new Blob([bytes], { type }), size, whole(size));
}

/** The pixels of a sheet on which a picture is drawn, as large as fits into a box. */
export async function drawIn(file: Blob, size: Size, { x0, y0, x1, y1 }: Box): Promise<Uint32Array> {
  const bitmap = await createImageBitmap(file, EXACT);
  const context = sheetOf(size);
  const scale = min((x1 - x0) / bitmap.width, (y1 - y0) / bitmap.height);
  const [w, h] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (x0 + x1 - w) / 2, (y0 + y1 - h) / 2, w, h);
  return new Uint32Array(context.getImageData(0, 0, size.width, size.height).data.buffer);
}

const imageOf = ({ buffer }: Uint32Array<ArrayBuffer>, { width, height }: Size) =>
  new ImageData(new Uint8ClampedArray(buffer), width, height);

/** A PNG of RGBA. */
export async function encode(pixels: Uint32Array<ArrayBuffer>, size: Size): Promise<ArrayBuffer> {
  const context = sheetOf(size);
  context.putImageData(imageOf(pixels, size), 0, 0);
  return (await context.canvas.convertToBlob()).arrayBuffer();
}

/** A canvas whose pixels are written by hand, in `out`, and then shown. */
export function sheetOn(canvas: HTMLCanvasElement, size: Size) {
  Object.assign(canvas, { width: size.width, height: size.height });
  const out = new Uint32Array(size.width * size.height);
  return { out, show: () => canvas.getContext("2d")?.putImageData(imageOf(out, size), 0, 0) };
}

export type Pen = CanvasRenderingContext2D;

/** A pen for so many CSS pixels of a canvas, as sharp as the screen. */
export function penOn(canvas: HTMLCanvasElement, { width, height }: Size): Pen | null {
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = [round(width * ratio), round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const pen = canvas.getContext("2d", { alpha: false });
  pen?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}
