/** What crosses for panels: many instances, one of them open. */
import { type Method, type Piece, parse, type Scale, type Scene } from "./contract";

/** What instances are. */
export type Unit = Scene["kind"];

interface Common {
  readonly unit: Unit;
  readonly classes: readonly string[];
  readonly scale: Scale;
}

export interface Column {
  readonly name: string;
  readonly importance: number;
  readonly count: number;
  readonly toward: readonly number[];
  /** A WebP in base64. */
  readonly picture: string | null;
}

export interface PickInstance {
  readonly title: string;
  readonly target: number;
  readonly prediction: number | null;
  readonly label: number | null;
  readonly fidelity: number | null;
}

/** Sparse by rows: row `r` has `features[starts[r]:starts[r + 1]]`, largest first. */
export interface Matrix {
  readonly starts: readonly number[];
  readonly features: readonly number[];
  readonly weights: readonly number[];
}

export interface PickScene extends Common {
  readonly kind: "pick";
  readonly features: readonly Column[];
  readonly instances: readonly PickInstance[];
  readonly matrix: Matrix;
  readonly left_out: number;
}

export interface Answered {
  readonly target: number;
  readonly prediction: number | null;
}

export interface PairInstance {
  readonly title: string;
  readonly label: number | null;
  /** One for each model. */
  readonly answers: readonly Answered[];
  readonly overlap: number | null;
  readonly turned: readonly string[];
  readonly cosine: number | null;
}

export interface PairScene extends Common {
  readonly kind: "pair";
  readonly models: readonly string[];
  /** In which the models stand while they go unnamed. */
  readonly order: readonly number[];
  readonly instances: readonly PairInstance[];
}

export interface SessionScene extends Common {
  readonly kind: "session";
  /** How many rows there are to train on, and how many to judge by. */
  readonly rows: number;
  readonly held_out: number;
  readonly shifted: boolean;
  readonly corrections: readonly string[];
  /** What one row is called. */
  readonly noun: string;
  /** Whether a mark can hold in every instance. */
  readonly everywhere?: boolean;
}

export type PanelScene = PickScene | PairScene | SessionScene;

/** A chosen instance, small. */
export type Glance =
  | { readonly pieces: readonly Piece[] }
  | { readonly picture: string }
  | { readonly weights: readonly (readonly [column: number, weight: number])[] };

export interface Picked {
  readonly method: Method;
  readonly target: number | null;
  readonly errors: boolean;
  readonly among: number;
  readonly rows: readonly number[];
  readonly covered: readonly number[];
  readonly added: readonly (readonly number[])[];
  readonly random: {
    readonly mean: readonly number[];
    readonly low: readonly number[];
    readonly high: readonly number[];
  };
  readonly glances: readonly Glance[];
}

const PANELS: readonly string[] = ["pick", "pair"] satisfies PanelScene["kind"][];

/** A panel's scene, or null where there is none yet; `kinds` are those that can be drawn here. */
export const parsePanel = (scene: unknown, kinds = PANELS) => parse<PanelScene>(scene, kinds);

/** What is done in panels. */
export const DOING = { open: "Opening", pick: "Picking" };

/** The instances picked, or null where nothing is. */
export function pickedOf(trait: unknown): Picked | null {
  const { rows } = trait as Partial<Picked>;
  return rows === undefined ? null : (trait as Picked);
}

/** The row of the instance that is open, or null. */
export const rowOf = (instance: unknown): number | null => (instance as { row?: number }).row ?? null;
