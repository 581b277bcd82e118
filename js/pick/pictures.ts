/** What features look like, where they are parts of pictures. */
import type { Column } from "../panels";

export const webp = (base64: string) => `data:image/webp;base64,${base64}`;

/** The pictures of features that have one, by feature; one that cannot be read is left out. */
export async function picturesOf(
  features: readonly Column[],
): Promise<ReadonlyMap<number, HTMLImageElement>> {
  const seen = new Map<number, HTMLImageElement>();
  const read = features.map(async ({ picture }, id) => {
    if (!picture) return;
    const image = new Image();
    image.src = webp(picture);
    await image.decode();
    seen.set(id, image);
  });
  await Promise.allSettled(read);
  return seen;
}
