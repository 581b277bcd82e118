/** A picture whose superpixels can also be chosen, to be merged, split or marked together. */
import type { ImageScene } from "../contract";
import { Chosen } from "../parts/chosen";
import type { View } from "../view";
import { Body, image } from "./image";

export const choosing: View<ImageScene> = {
  ...image,
  Body: (given) => <Body {...given} Chosen={Chosen} />,
  keys: [...image.keys, ["Ctrl Space", "select it"]],
};
