import type { ImageScene } from "../contract";
import type { View } from "../view";
export const image: View<ImageScene> = { Body: () => null, invitation: "", parts: "superpixels", guess: "", keys: [] };
