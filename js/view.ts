/** What a view of one kind is: its body, and how its card speaks. */
import type { ComponentType } from "preact";
import type { Kind, Scene } from "./contract";
import type { Desk } from "./desk";

export interface View<S extends Scene = Scene> {
  readonly Body: ComponentType<{ readonly desk: Desk; readonly scene: S }>;
  readonly invitation: string;
  /** What its features are, as in "12 words". */
  readonly parts: string;
  /** What the surrogate makes of the reader's trial. */
  readonly guess: string;
  readonly keys: readonly (readonly [key: string, does: string])[];
}

/** The views that an entry brings along. */
export type Views = { readonly [K in Kind]?: View<Extract<Scene, { kind: K }>> };

export const viewOf = (views: Views, { kind }: Scene) => views[kind] as View | undefined;
