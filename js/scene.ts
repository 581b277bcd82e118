/** What is drawn: a scene of each kind, the door through which it comes, and what a model reads in it. */

export type Piece = readonly [text: string, feature: number];
export type Weight = readonly [feature: number, coefficient: number, stderr: number | null];
export type Scale = "probability" | "score";

interface Common {
  readonly features: readonly { readonly name: string }[];
  readonly classes: readonly string[];
  readonly scale: Scale;
}
export interface TextScene extends Common {
  readonly kind: "text";
  readonly pieces: readonly Piece[];
}
export interface PartsScene extends Common {
  readonly kind: "parts";
}
/** Its pictures cross as bytes, in traits of their own. */
export interface ImageScene extends Common {
  readonly kind: "image";
  readonly width: number;
  readonly height: number;
  readonly backdrop: "colours" | "picture";
}
/** A condition on a column, a slope along it, or a word of its text. */
export interface Condition {
  readonly name: string;
  readonly column: number;
  /** Where it is an interval: low < value ≤ high, null where that side is open. */
  readonly low?: number | null;
  readonly high?: number | null;
  /** Where it is a slope: how far the value is from the mean, in standard deviations. */
  readonly at?: number;
  readonly mean?: number;
  readonly per?: number;
}
interface AnyColumn {
  readonly name: string;
  /** As people read it, empty where it is missing. */
  readonly value: string;
}
export interface Measured extends AnyColumn {
  readonly kind: "number" | "date";
  readonly at: number | null;
  readonly missing: number;
  readonly whole?: boolean;
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}
export interface Category extends AnyColumn {
  readonly kind: "category";
  readonly missing: number;
  readonly options: readonly (readonly [option: string, share: number])[];
  readonly more: number;
}
export interface Prose extends AnyColumn {
  readonly kind: "text";
  readonly pieces: readonly Piece[];
}
export interface Constant extends AnyColumn {
  readonly kind: "constant";
}
export type TableColumn = Measured | Category | Prose | Constant;
export interface TableScene extends Common {
  readonly kind: "table";
  readonly features: readonly Condition[];
  readonly columns: readonly TableColumn[];
  /** Rows to compare with, their values in the order of the columns. */
  readonly others: readonly { readonly title: string; readonly values: readonly string[] }[];
}
export type Scene = TextScene | PartsScene | ImageScene | TableScene;
export type Kind = Scene["kind"];

/** Children by number, −1 in leaves; where `at` is null presence is tested, else present means above `at`. */
export type TreeNode = readonly [
  feature: number,
  present: number,
  absent: number,
  at: number | null,
  value: number | null,
  share: number,
  masks: number,
  error: number | null,
];
export interface Tree {
  readonly nodes: readonly TreeNode[];
  /** The instance's own values, where they are not all one. */
  readonly instance: readonly number[] | null;
}
export type Together = readonly [first: number, second: number, coefficient: number, stderr: number | null];
export interface Pairs {
  readonly pairs: readonly Together[];
  /** What each feature counts apart from its pairs. */
  readonly apart: readonly number[];
}

export interface Reading {
  readonly model: string;
  readonly target: number;
  readonly prediction: readonly (number | null)[];
  readonly local_prediction: number | null;
  readonly intercept: number | null;
  readonly weights: readonly Weight[];
  readonly fidelity: number | null;
  readonly n_samples: number;
  readonly model_calls: number;
  readonly n_features: number;
  readonly settled: boolean;
  readonly stability: number | null;
  readonly partial: "stopped" | "interrupted" | "failed" | "time" | null;
  readonly doubt: string | null;
  /** Whether all masks there are were asked about. */
  readonly exact?: boolean;
  /** For each weight, whether it cannot be told from the one before by its size. */
  readonly tied?: readonly boolean[];
  /** A tree's rules in sentences. */
  readonly rules?: readonly string[] | null;
  readonly tree?: Tree | null;
  readonly pairs?: Pairs | null;
  /** The effective number of samples; null where it is not known. */
  readonly effective?: number | null;
  /** A sentence where the kernel weighs all samples nearly alike. */
  readonly locality?: string | null;
}

const KINDS: readonly Kind[] = ["text", "parts", "image", "table"];

/** The scene, or null where there is none yet; `kinds` are those that can be drawn here. */
export function parse<S extends { readonly kind: string } = Scene>(
  scene: unknown,
  kinds: readonly string[] = KINDS,
): S | null {
  const { version, kind } = scene as { version?: number; kind?: string };
  if (kind === undefined) return null;
  if (version !== 1) throw new Error(`unknown version of the contract: ${version}`);
  if (!kinds.includes(kind)) throw new Error(`unknown kind: ${kind}`);
  return scene as S;
}
