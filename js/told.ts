import type { Desk } from "./desk";
import { label, type Told } from "./labels";

/** All that is told of a feature. */
export function toldOf(desk: Desk, feature: number): Told {
  return {
    name: desk.scene.features[feature]?.name ?? "",
    weight: desk.shown.value.get(feature),
    off: desk.trial.off.value.has(feature),
    typed: desk.trial.edits.value.get(feature),
    mark: desk.marks.value.get(feature),
  };
}

/** The accessible name of a feature. */
export const spoken = (desk: Desk, feature: number): string =>
  label(desk.scene, desk.reading.value.target, desk.digits.value, toldOf(desk, feature));
