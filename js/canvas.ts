/** The only file that knows canvases: bytes to pixels, pixels to bytes, pixels to the screen. */
import type { Box, Size } from "./atlas";
import type { Bytes } from "./bytes";

export interface Pixels extends Size {
  readonly bytes: Uint8ClampedArray;
  readonly rgba: Uint32Array;
}

/** Numbers are read from label maps, so nothing may be converted. */
const EXACT: ImageBitmapOptions = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
const PNG = 0x89;

export function decode(bytes: Bytes): Promise<Pixels> {
  const type = bytes[0] === PNG ? "image/png" : "image/webp";
  return decodeFile(new Blob([bytes], { type }), (size) => size);
}

/** Read a picture in the size that its own suggests. */
export async function decodeFile(file: Blob, sizeFor: (size: Size) => Size): Promise<Pixels> {
  const bitmap = await createImageBitmap(file, EXACT);
  const { width, height } = sizeFor(bitmap);
  const context = sheetOf({ width, height });
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, bytes: data, rgba: new Uint32Array(data.buffer) };
}

function sheetOf({ width, height }: Size): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("this browser draws no pictures");
  return context;
}

const imageOf = (rgba: Uint32Array<ArrayBuffer>, { width, height }: Size) =>
  new ImageData(new Uint8ClampedArray(rgba.buffer), width, height);

/** A PNG of RGBA. */
export async function encode(rgba: Uint32Array<ArrayBuffer>, size: Size): Promise<ArrayBuffer> {
  const context = sheetOf(size);
  context.putImageData(imageOf(rgba, size), 0, 0);
  return (await context.canvas.convertToBlob({ type: "image/png" })).arrayBuffer();
}

/** A canvas whose pixels are written by hand. */
export class Sheet {
  readonly out: Uint32Array<ArrayBuffer>;
  private readonly context: CanvasRenderingContext2D | null;

  constructor(
    canvas: HTMLCanvasElement,
    readonly size: Size,
  ) {
    canvas.width = size.width;
    canvas.height = size.height;
    this.out = new Uint32Array(size.width * size.height);
    this.context = canvas.getContext("2d");
  }

  /** Bring what was written in a box onto the screen. */
  show({ left, top, right, bottom }: Box): void {
    this.context?.putImageData(imageOf(this.out, this.size), 0, 0, left, top, right - left, bottom - top);
  }
}
