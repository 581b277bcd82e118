/** A picture as it came over the glass: decoded, measured, with its backdrop. */
import { atlasOf, idsOf, type Size } from "./atlas";
import { decode } from "./canvas";
import { flood, type Layers } from "./compose";
import type { Host, ImageScene } from "./contract";

export interface Photo extends Layers, Size {
  /** The scene that the superpixels are those of. */
  readonly scene: ImageScene;
}

export async function photoOf({ state }: Host, scene: ImageScene): Promise<Photo> {
  const backdrop = state.backdrop.peek();
  const [pixels, labels, behind] = await Promise.all([
    decode(state.pixels.peek()),
    decode(state.labels.peek()),
    scene.backdrop === "picture" ? decode(backdrop) : null,
  ]);
  const atlas = atlasOf(idsOf(labels.bytes), scene, scene.features.length);
  const { width, height } = scene;
  return {
    scene,
    width,
    height,
    atlas,
    pixels: pixels.rgba,
    backdrop: behind?.rgba ?? flood(atlas, backdrop),
  };
}
