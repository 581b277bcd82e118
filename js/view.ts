/** What a view of one kind is: its body, and how its card speaks. */
import type { ComponentType } from "preact";
import type { Kind, Scene } from "./contract";
import type { Desk } from "./desk";

/** What stands beside the instance itself. */
export interface Beside {
  readonly desk: Desk;
  /** Whether names take their feature away, as where there is no text to click in. */
  readonly toggles: boolean;
  readonly onName: (feature: number) => void;
}

export interface BodyProps<S extends Scene = Scene> {
  readonly desk: Desk;
  readonly scene: S;
  /** In place of bars and marks. */
  readonly Side?: ComponentType<Beside>;
}

export interface View<S extends Scene = Scene> {
  readonly Body: ComponentType<BodyProps<S>>;
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
