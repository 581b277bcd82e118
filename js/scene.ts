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
export type Scene = TextScene | PartsScene | ImageScene;
export type Kind = Scene["kind"];

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
  readonly partial: "stopped" | "interrupted" | "failed" | null;
  readonly doubt: string | null;
}

const KINDS: readonly Kind[] = ["text", "parts", "image"];

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
