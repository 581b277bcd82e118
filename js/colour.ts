/** How strongly a word is coloured, and which backgrounds our inks may stand on. */

/** Beyond this the text on a highlight would fall under 4.5 : 1. */
export const STRONGEST = 0.6;
const FAINTEST = 0.08;

/** The alpha of a highlight: the weight's share of the largest, in two digits. */
export function strength(weight: number, largest: number): number {
  if (!(largest > 0)) return 0;
  return Math.max(FAINTEST, Math.round((Math.abs(weight) / largest) * STRONGEST * 100) / 100);
}

export type Rgb = readonly [number, number, number];

/** An opaque computed colour, or null. */
export function opaque(colour: string): Rgb | null {
  const parts = /^rgba?\(([\d.]+),? ([\d.]+),? ([\d.]+)(?:[,/ ]+([\d.]+))?\)$/.exec(colour);
  if (!parts || Number(parts[4] ?? 1) < 1) return null;
  return parts.slice(1, 4).map(Number) as unknown as Rgb;
}

/** Relative luminance (WCAG 2). */
export function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((c) => (c <= 10.31475 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Luminances on which every ink of a theme keeps its contrast. */
export const GROUND = { light: [0.86, 1], dark: [0, 0.02] } as const;

export function bearsInk(ground: Rgb, dark: boolean): boolean {
  const [low, high] = dark ? GROUND.dark : GROUND.light;
  const light = luminance(ground);
  return low <= light && light <= high;
}
