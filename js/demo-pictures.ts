/** Pictures made up on the spot for the demo, cut into superpixels, as bytes. */
import { atlasOf } from "./atlas";
import { encode } from "./canvas";

type Draw = (context: OffscreenCanvasRenderingContext2D, width: number, height: number) => void;

/** A lighthouse at dusk, with a boat and a headland. */
export const harbour: Draw = (context, w, h) => {
  const fill = (style: string | CanvasGradient, path: () => void) => {
    context.fillStyle = style;
    context.beginPath();
    path();
    context.fill();
  };
  const sky = context.createLinearGradient(0, 0, 0, h * 0.62);
  for (const [stop, colour] of [
    [0, "#27406b"],
    [0.55, "#9a7fa0"],
    [1, "#f2b880"],
  ] as const)
    sky.addColorStop(stop, colour);
  const sea = context.createLinearGradient(0, h * 0.62, 0, h);
  sea.addColorStop(0, "#b98f7e");
  sea.addColorStop(1, "#1c3142");
  fill(sky, () => context.rect(0, 0, w, h * 0.62));
  fill("#ffe9b8", () => context.arc(w * 0.24, h * 0.52, w * 0.06, 0, 7));
  fill(sea, () => context.rect(0, h * 0.62, w, h));
  fill("#3d4c3a", () => context.ellipse(w * 0.86, h * 0.68, w * 0.34, h * 0.13, 0, 0, 7));
  fill("#26333a", () => context.ellipse(w * 0.7, h * 0.72, w * 0.16, h * 0.05, 0, 0, 7));
  fill("#ece7df", () => {
    context.moveTo(w * 0.66, h * 0.7);
    context.lineTo(w * 0.685, h * 0.26);
    context.lineTo(w * 0.755, h * 0.26);
    context.lineTo(w * 0.78, h * 0.7);
  });
  for (const y of [0.34, 0.48, 0.62])
    fill("#b0413e", () => context.rect(w * 0.668, h * y, w * 0.105, h * 0.05));
  fill("#2b2b33", () => context.rect(w * 0.68, h * 0.17, w * 0.08, h * 0.1));
  fill("#ffd35c", () => context.rect(w * 0.695, h * 0.19, w * 0.05, h * 0.06));
  fill("#222a33", () => context.ellipse(w * 0.3, h * 0.8, w * 0.13, h * 0.03, 0, 0, 3.15));
  fill("#e8dcc6", () => {
    context.moveTo(w * 0.3, h * 0.79);
    context.lineTo(w * 0.31, h * 0.6);
    context.lineTo(w * 0.4, h * 0.78);
  });
};

/** A three, as eight pixels write it. */
export const digit: Draw = (context) => {
  const rows = [
    "00487000",
    "02f9fa00",
    "0010ad00",
    "000bf800",
    "0002bf20",
    "00000d80",
    "03b47f70",
    "005ce810",
  ];
  rows.forEach((row, y) => {
    [...row].forEach((shade, x) => {
      const grey = Number.parseInt(shade, 16) * 17;
      context.fillStyle = `rgb(${grey} ${grey} ${grey})`;
      context.fillRect(x, y, 1, 1);
    });
  });
};

function pixelsOf(draw: Draw, width: number, height: number): Uint32Array<ArrayBuffer> {
  const context = new OffscreenCanvas(width, height).getContext("2d") as OffscreenCanvasRenderingContext2D;
  draw(context, width, height);
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
  let seed = 7;
  const grain = () => {
    seed = (seed * 48271) % 2147483647;
    return (seed % 9) - 4;
  };
  if (width < 64) return pixels;
  const soft = (channel: number) => Math.min(Math.max(channel + grain(), 0), 255);
  return pixels.map(
    (p) => (0xff000000 | (soft((p >> 16) & 255) << 16) | (soft((p >> 8) & 255) << 8) | soft(p & 255)) >>> 0,
  );
}

const channels = (pixel: number) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255] as const;

/** Cells around the points of a bent grid, drawn towards pixels of their own colour. */
function cells(pixels: Uint32Array, width: number, height: number, step: number): Uint16Array {
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const seeds = Array.from({ length: columns * rows }, (_, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const x = Math.min((column + 0.5 + 0.3 * Math.sin(row * 2.1)) * step, width - 1);
    const y = Math.min((row + 0.5 + 0.3 * Math.sin(column * 1.7)) * step, height - 1);
    return { x, y, colour: channels(pixels[Math.floor(y) * width + Math.floor(x)] as number) };
  });
  const near = (x: number, y: number, colour: readonly number[]) => {
    let [best, least] = [0, Infinity];
    const [column, row] = [Math.floor(x / step), Math.floor(y / step)];
    for (let r = Math.max(row - 1, 0); r <= Math.min(row + 1, rows - 1); r++)
      for (let c = Math.max(column - 1, 0); c <= Math.min(column + 1, columns - 1); c++) {
        const seed = seeds[r * columns + c] as (typeof seeds)[number];
        const shade = seed.colour.reduce((sum, value, k) => sum + (value - (colour[k] as number)) ** 2, 0);
        const cost = ((x - seed.x) ** 2 + (y - seed.y) ** 2) / step ** 2 + shade / 1800;
        if (cost < least) [best, least] = [r * columns + c, cost];
      }
    return best;
  };
  return Uint16Array.from(pixels, (p, i) => near(i % width, Math.floor(i / width), channels(p)));
}

/** Numbers without gaps. */
export function numbered(labels: Uint16Array): Uint16Array {
  const ids = new Map([...new Set(labels)].sort((a, b) => a - b).map((id, i) => [id, i]));
  return labels.map((id) => ids.get(id) as number);
}

/** What an image's traits hold besides the scene, with the labels as they are. */
export async function bytesFor(pixels: Uint32Array<ArrayBuffer>, labels: Uint16Array, width: number) {
  const size = { width, height: pixels.length / width };
  const count = labels.reduce((a, b) => Math.max(a, b), 0) + 1;
  const sums = Array.from({ length: count }, () => [0, 0, 0] as [number, number, number]);
  const { areas } = atlasOf(labels, size, count);
  pixels.forEach((p, i) => {
    const sum = sums[labels[i] as number] as [number, number, number];
    channels(p).forEach((value, k) => {
      sum[k as 0 | 1 | 2] += value;
    });
  });
  return {
    pixels: new Uint8Array(await encode(pixels, size)),
    labels: new Uint8Array(
      await encode(
        Uint32Array.from(labels, (id) => (0xff000000 | id) >>> 0),
        size,
      ),
    ),
    backdrop: Uint8Array.from(sums.flatMap((sum, id) => sum.map((value) => value / (areas[id] as number)))),
    count,
  };
}

export function cut(draw: Draw, width: number, height: number, step: number) {
  const pixels = pixelsOf(draw, width, height);
  return { pixels, width, labels: numbered(cells(pixels, width, height, step)) };
}
