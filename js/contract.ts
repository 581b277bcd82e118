/** The page's end of docs/contract.md: what comes down, what goes up, and the door between. */
import type { ReadonlySignal } from "@preact/signals";
import { type Bytes, bytesOf } from "./bytes";

export type Piece = readonly [text: string, feature: number];
export type Weight = readonly [feature: number, coefficient: number, stderr: number | null];
export type Scale = "probability" | "score";
export type Scope = "instance" | "label" | "everywhere";

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

export interface Mark {
  readonly name: string;
  readonly scope: Scope;
  readonly because: string;
  readonly features: readonly number[];
}

export interface Probe {
  readonly off: readonly number[];
  readonly edits: Readonly<Record<string, string>>;
  readonly painted?: boolean;
  readonly outputs: readonly (readonly (number | null)[])[];
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
}

export type Verb =
  | { readonly verb: "aim"; readonly target: number; readonly n_features: number }
  | ({ readonly verb: "probe"; readonly painted?: boolean } & Pick<Look, "off" | "edits">)
  | { readonly verb: "sample"; readonly n: number }
  | { readonly verb: "stop" }
  | { readonly verb: "hello" }
  | ({ readonly verb: "mark" } & Pick<Mark, "features" | "scope" | "because">)
  | { readonly verb: "withdraw"; readonly features: readonly number[] }
  | { readonly verb: "reshape"; readonly merge: readonly number[][]; readonly split: readonly number[] };

export const verbs = {
  aim: (target: number, n_features: number): Verb => ({ verb: "aim", target, n_features }),
  /** `painted`, for a picture, says whether a buffer with the reader's drawing comes along. */
  probe: ({ off, edits }: Look, painted?: boolean): Verb => ({
    verb: "probe",
    off,
    edits,
    ...(painted !== undefined && { painted }),
  }),
  sample: (n: number): Verb => ({ verb: "sample", n }),
  stop: (): Verb => ({ verb: "stop" }),
  mark: (features: readonly number[], because: string, scope: Scope): Verb => ({
    verb: "mark",
    features,
    scope,
    because,
  }),
  hello: (): Verb => ({ verb: "hello" }),
  withdraw: (features: readonly number[]): Verb => ({ verb: "withdraw", features }),
  reshape: (merge: readonly number[][], split: readonly number[]): Verb => ({
    verb: "reshape",
    merge,
    split,
  }),
};

export const canProbe = (status: Status) => status.can.includes("probe");
export const canSample = (status: Status) => status.can.includes("sample");
export const failedProbe = ({ error }: Status) => (error?.verb === "probe" ? error : null);
export const failedAim = ({ error }: Status) => error?.verb === "aim";

/** What was being done when an error came, for people. */
export const attempt = (verb: string): string =>
  ({
    probe: "The model did not answer",
    sample: "Sampling failed",
    aim: "Reading again failed",
    mark: "Marking failed",
    withdraw: "Taking the mark back failed",
    reshape: "Merging or splitting failed",
  })[verb] ?? "Something failed";

/** The state as it comes over the glass; the scene is parsed when it is drawn. */
export interface Traits {
  readonly scene: unknown;
  readonly readings: readonly Reading[];
  readonly marks: readonly Mark[];
  readonly probe: Probe | null;
  readonly status: Status;
  readonly look: Look;
  readonly pixels: Bytes;
  readonly labels: Bytes;
  readonly backdrop: Bytes;
}

export const BLANK: Traits = {
  scene: {},
  readings: [],
  marks: [],
  probe: null,
  status: { phase: "idle", done: 0, of: 0, message: "", error: null, can: [] },
  look: { off: [], edits: {}, top: null },
  pixels: bytesOf(null),
  labels: bytesOf(null),
  backdrop: bytesOf(null),
};

/** The one trait that the page writes. */
export const OURS = "look" satisfies keyof Traits;
export const TRAITS = Object.keys(BLANK) as (keyof Traits)[];

/** The traits of a state in which some may be missing, and some fields of a trait too. */
export function complete(state: Partial<Record<keyof Traits, unknown>>): Traits {
  const given = Object.fromEntries(TRAITS.map((name) => [name, state[name] ?? BLANK[name]]));
  const traits = given as unknown as Traits;
  return {
    ...traits,
    status: { ...BLANK.status, ...traits.status },
    look: { ...BLANK.look, ...traits.look },
    pixels: bytesOf(traits.pixels),
    labels: bytesOf(traits.labels),
    backdrop: bytesOf(traits.backdrop),
  };
}

/** Whatever holds the state: a kernel's model, a saved file, a test. */
export interface Host {
  readonly state: { readonly [K in keyof Traits]: ReadonlySignal<Traits[K]> };
  /** Keep the page's look. */
  keep(look: Look): void;
  /** Send a verb, with bytes beside it, and return its id; null where no kernel listens. */
  readonly send: ((verb: Verb, buffers?: ArrayBuffer[]) => number) | null;
}

const KINDS: readonly Kind[] = ["text", "parts", "image"];

/** The scene, or null where there is none yet; `kinds` are those that can be drawn here. */
export function parse(scene: unknown, kinds: readonly string[] = KINDS): Scene | null {
  const { version, kind } = scene as { version?: number; kind?: string };
  if (kind === undefined) return null;
  if (version !== 1) throw new Error(`unknown version of the contract: ${version}`);
  if (!kinds.includes(kind)) throw new Error(`unknown kind: ${kind}`);
  return scene as Scene;
}
