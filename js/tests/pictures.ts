/** What the tests of pictures share: a browser that decodes, and a picture small enough to check by hand. */
import { deflateSync, inflateSync } from "node:zlib";
import { vi } from "vitest";
import { type Atlas, atlasOf } from "../atlas";
import { small } from "./stage";

/** Four by three: 0 on the left, 1 and 2 on the right, 3 within 0. */
export const LABELS = [
  [0, 0, 1, 1],
  [0, 3, 2, 2],
  [0, 0, 2, 2],
];
export const SIZE = { width: 4, height: 3 };
export const atlas = (): Atlas => atlasOf(Uint16Array.from(LABELS.flat()), SIZE, 4);

const RED = 0xff0000ff;
export const grey = (value: number) => (0xff000000 | (value * 0x010101)) >>> 0;

/** A PNG of RGBA, well enough for the decoder below. */
export function png(pixels: readonly number[], { width, height } = SIZE): Uint8Array {
  const rows = Array.from({ length: height }, (_, y) => [
    0,
    ...pixels
      .slice(y * width, (y + 1) * width)
      .flatMap((p) => [p & 255, (p >> 8) & 255, (p >> 16) & 255, p >>> 24]),
  ]);
  const chunk = (name: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(name), data, Buffer.alloc(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 6], 8);
  const signature = Buffer.from([0x89, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.from(rows.flat()))),
  ]);
}

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array<ArrayBuffer>;
}

/** Bytes before, above, and before above, as the PNG's filters want them. */
function unfiltered(data: Buffer, stride: number, step: number): Uint8Array {
  const rows = data.length / (stride + 1);
  const out = new Uint8Array(rows * stride);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < stride; x++) {
      const i = y * stride + x;
      const a = x >= step ? (out[i - step] as number) : 0;
      const b = y > 0 ? (out[i - stride] as number) : 0;
      const c = x >= step && y > 0 ? (out[i - stride - step] as number) : 0;
      const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
      const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      const guess = [0, a, b, (a + b) >> 1, paeth][data[y * (stride + 1)] as number] as number;
      out[i] = (data[y * (stride + 1) + 1 + x] as number) + guess;
    }
  return out;
}

/** Eight bits of RGB or RGBA; anything else is a picture of one colour. */
function decoded(bytes: Buffer): Decoded {
  if (bytes[0] !== 0x89) return { width: 48, height: 32, pixels: new Uint32Array(48 * 32).fill(RED) };
  const [width, height, type] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[25]];
  const parts: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at) + 12)
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const step = type === 6 ? 4 : 3;
  const raw = unfiltered(inflateSync(Buffer.concat(parts)), width * step, step);
  const pixels = new Uint32Array(width * height).map((_, i) => {
    const [r, g, b, a] = [0, 1, 2, 3].map((k) => (k < step ? raw[step * i + k] : 255)) as [
      number,
      number,
      number,
      number,
    ];
    return (r | (g << 8) | (b << 16) | (a << 24)) >>> 0;
  });
  return { width, height, pixels };
}

/** Give this page the parts of a browser that decode and encode; returns what was encoded. */
export function decodes(): Uint32Array[] {
  const encoded: Uint32Array[] = [];
  vi.stubGlobal("createImageBitmap", async (file: Blob) => ({
    ...decoded(Buffer.from(await file.arrayBuffer())),
  }));
  vi.stubGlobal(
    "ImageData",
    class {
      constructor(readonly data: Uint8ClampedArray) {}
    },
  );
  vi.stubGlobal(
    "OffscreenCanvas",
    class {
      private pixels = new Uint32Array(0);
      getContext() {
        return {
          canvas: this,
          drawImage: ({ pixels }: Decoded) => {
            this.pixels = pixels;
          },
          getImageData: () => ({ data: new Uint8ClampedArray(this.pixels.slice().buffer) }),
          putImageData: ({ data }: ImageData) => encoded.push(new Uint32Array(data.slice().buffer)),
        };
      }
      async convertToBlob() {
        return new Blob([Uint8Array.of(encoded.length)]);
      }
    },
  );
  return encoded;
}

/** The state of the small picture: 0 for, 2 against. */
export function pictured(change = {}) {
  const scene = {
    version: 1,
    kind: "image",
    features: [0, 1, 2, 3].map((id) => ({ name: `superpixel ${id}` })),
    classes: ["cat", "dog"],
    scale: "probability",
    ...SIZE,
    backdrop: "colours",
  };
  const { readings, ...rest } = small({
    weights: [
      [0, 0.3, 0.01],
      [2, -0.1, null],
    ],
    ...change,
  });
  return {
    ...rest,
    scene,
    readings,
    pixels: png(LABELS.flat().map((id) => grey(10 * id + 10))),
    labels: png(LABELS.flat().map((id) => (0xff000000 | id) >>> 0)),
    backdrop: Uint8Array.from([0, 1, 2, 3].flatMap((id) => [200, 200, 200 + id])),
  };
}
