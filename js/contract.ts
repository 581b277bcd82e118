/** The page's end of docs/contract.md: what comes down, what goes up, and the door between. */
import type { ReadonlySignal } from "@preact/signals";

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
export type Scene = TextScene | PartsScene;

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
  | { readonly verb: "probe"; readonly off: readonly number[]; readonly edits: Look["edits"] }
  | { readonly verb: "sample"; readonly n: number }
  | { readonly verb: "stop" }
  | {
      readonly verb: "mark";
      readonly features: readonly number[];
      readonly scope: Scope;
      readonly because: string;
    }
  | { readonly verb: "withdraw"; readonly features: readonly number[] };

export const verbs = {
  aim: (target: number, n_features: number): Verb => ({ verb: "aim", target, n_features }),
  probe: ({ off, edits }: Look): Verb => ({ verb: "probe", off, edits }),
  sample: (n: number): Verb => ({ verb: "sample", n }),
  stop: (): Verb => ({ verb: "stop" }),
  mark: (features: readonly number[], because: string): Verb => ({
    verb: "mark",
    features,
    scope: "everywhere",
    because,
  }),
  withdraw: (features: readonly number[]): Verb => ({ verb: "withdraw", features }),
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
  })[verb] ?? "Something failed";

/** The state as it comes over the glass; the scene is parsed when it is drawn. */
export interface Traits {
  readonly scene: unknown;
  readonly readings: readonly Reading[];
  readonly marks: readonly Mark[];
  readonly probe: Probe | null;
  readonly status: Status;
  readonly look: Look;
}

export const BLANK: Traits = {
  scene: {},
  readings: [],
  marks: [],
  probe: null,
  status: { phase: "idle", done: 0, of: 0, message: "", error: null, can: [] },
  look: { off: [], edits: {}, top: null },
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
  };
}

/** Whatever holds the state: a kernel's model, a saved file, a test. */
export interface Host {
  readonly state: { readonly [K in keyof Traits]: ReadonlySignal<Traits[K]> };
  /** Keep the page's look. */
  keep(look: Look): void;
  /** Send a verb and return its id; null where no kernel listens. */
  readonly send: ((verb: Verb) => number) | null;
}

/** The scene, or null where there is none yet. */
export function parse(scene: unknown): Scene | null {
  const { version, kind } = scene as { version?: number; kind?: string };
  if (kind === undefined) return null;
  if (version !== 1) throw new Error(`unknown version of the contract: ${version}`);
  if (kind !== "text" && kind !== "parts") throw new Error(`unknown kind: ${kind}`);
  return scene as Scene;
}
