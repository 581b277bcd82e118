/** A picture as it came over the glass: decoded, measured, with its backdrop. */
import { atlasOf, idsOf } from "./atlas";
import { decode } from "./canvas";
import { flood, type Layers } from "./compose";
import type { Host, ImageScene } from "./contract";

export async function photoOf({ state }: Host, scene: ImageScene): Promise<Layers> {
  const read = (name: "pixels" | "labels" | "backdrop") => decode(state[name].peek(), scene);
  const [pixels, labels, behind] = await Promise.all([
    read("pixels"),
    read("labels"),
    scene.backdrop === "picture" ? read("backdrop") : null,
  ]);
  const atlas = atlasOf(idsOf(labels), scene, scene.features.length);
  const backdrop = behind ?? flood(atlas, state.backdrop.peek());
  return { atlas, pixels, backdrop };
}
