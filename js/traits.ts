/** What comes down beside scenes and readings, and the look that the page keeps. */
import type { Weight } from "./scene";

export type Scope = "instance" | "label" | "everywhere";

export interface Mark {
  readonly name: string;
  readonly scope: Scope;
  readonly because: string;
  readonly features: readonly number[];
  /** In a panel, its columns with that key. */
  readonly columns?: readonly number[];
}

export type Range = readonly [low: number | null, high: number | null];

export interface Probe {
  readonly off: readonly number[];
  readonly edits: Readonly<Record<string, string>>;
  readonly painted?: boolean;
  readonly outputs: readonly (readonly (number | null)[])[];
  /** Of draws: where the middle nine tenths of them lie, for each model and output. */
  readonly spread?: readonly (readonly Range[])[] | null;
}

export interface Failure {
  readonly verb: string;
  readonly id: number | null;
  readonly message: string;
}

export interface Status {
  readonly phase: "idle" | "sampling" | "retraining";
  readonly done: number;
  readonly of: number;
  readonly message: string;
  readonly error: Failure | null;
  readonly can: readonly string[];
}

export interface Look {
  readonly off: readonly number[];
  readonly edits: Readonly<Record<string, string>>;
  readonly top: number | null;
  /** How many of a pick are shown. */
  readonly budget?: number;
  /** Whether a pair's models go unnamed. */
  readonly blind?: boolean;
}

type Known = number | null;

/** An explanation laid open. */
export interface Study {
  /** The weights at each count of masks. */
  readonly moves: readonly { readonly n: number; readonly weights: readonly Weight[] }[];
  /** Fidelity against the width of the kernel; null where it has none. */
  readonly widths: {
    readonly now: number;
    readonly floor: number;
    readonly best: Known;
    readonly curve: readonly {
      readonly width: number;
      readonly fidelity: Known;
      readonly effective: Known;
    }[];
  } | null;
  /** Masks from near to far; a weight is a share of the largest. */
  readonly near: readonly {
    readonly off: readonly number[];
    readonly model: Known;
    readonly surrogate: Known;
    readonly weight: number;
  }[];
  /** What the surrogate misses, by the number of absent parts. */
  readonly residuals: readonly {
    readonly absent: readonly [from: number, to: number];
    readonly n: number;
    readonly mean: Known;
    readonly spread: Known;
  }[];
  readonly formula: readonly string[];
  readonly advice: readonly string[];
}
