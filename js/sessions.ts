/** What crosses for a session beside what every panel has: further traits, and verbs of its own. */
import { type Mark, type Scope, type Status, type Traits, type Verb, complete as whole } from "./contract";
import type { Glance } from "./panels";

export interface Item {
  readonly row: number;
  readonly title: string;
  readonly target: number;
  readonly prediction: number | null;
  readonly label: number | null;
  /** What it adds to what is covered. */
  readonly adds: number | null;
  readonly read: boolean;
  /** Whether the prediction turns without the marked features; null where that cannot be told. */
  readonly turns: boolean | null;
  readonly glance?: Glance | null;
}

export interface ToRead {
  readonly items: readonly Item[];
  readonly covered: readonly number[];
  readonly pool: number;
}

export interface Suggestion {
  readonly id: number;
  readonly name: string;
  readonly evidence: readonly string[];
}

/** Words as they stand, or a WebP in base64. */
export type Shown = string | { readonly picture: string };

export interface Plan {
  readonly correction: string;
  readonly because: string;
  readonly sentences: readonly string[];
  readonly touched: number;
  readonly of: number;
  readonly examples: readonly { readonly row: number; readonly before: Shown; readonly after: Shown }[];
  readonly error: string | null;
}

/** How a model does: a share of right answers, or for numbers the mean error. */
export interface Standing {
  readonly accuracy?: number | null;
  readonly error?: number | null;
  readonly trust?: number | null;
}

export interface Measure {
  readonly name: string;
  readonly label: string;
  readonly before?: number | null;
  readonly after?: number | null;
  /** The interval of the difference. */
  readonly low?: number | null;
  readonly high?: number | null;
  readonly p?: number | null;
  readonly n: number;
  readonly of: string;
  readonly better: "up" | "down";
  readonly auc?: { readonly before: number; readonly after: number } | null;
}

export interface Gained {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  readonly marked: boolean;
}

export interface Turned {
  readonly title: string;
  readonly before: string;
  readonly after: string;
  readonly label: string | null;
}

export interface Changed {
  readonly number: number;
  readonly against: number;
  readonly correction: string | null;
  readonly how: string;
  readonly seconds: number | null;
  /** False while there is more to measure. */
  readonly complete: boolean;
  readonly measures: readonly Measure[];
  readonly gained: readonly Gained[];
  readonly turned: readonly Turned[];
  readonly turned_count: number;
}

export interface Revision {
  readonly number: number;
  readonly parent: number | null;
  readonly name: string;
  readonly marks: number;
  readonly correction: string | null;
  readonly figure: number | null;
  /** Whether the model itself is there. */
  readonly model: boolean;
}

/** Whether a prediction stays without the marked features; null: not known. */
export interface Trust {
  readonly surrogate: boolean | null;
  readonly model: boolean | null;
}

/** What is said of the opened instance beside its scene. */
export interface About {
  readonly row?: number;
  readonly title?: string;
  readonly label?: number | null;
  readonly trust?: Trust | null;
}

export interface Further {
  readonly picked: Partial<ToRead>;
  readonly suggestions: readonly Suggestion[];
  readonly plan: Plan | null;
  readonly standing: Standing;
  readonly changed: Changed | null;
  readonly revisions: readonly Revision[];
  readonly current: number;
  /** What undo takes back. */
  readonly undo: string | null;
  /** What is written to a file of marks. */
  readonly ledger: { readonly marks?: readonly { readonly key: string; readonly because?: string }[] };
}

const NOTHING: Further = {
  picked: {},
  suggestions: [],
  plan: null,
  standing: {},
  changed: null,
  revisions: [],
  current: 0,
  undo: null,
  ledger: {},
};

/** The state of a session, in which some traits may be missing. */
export function complete(state: Partial<Record<keyof (Traits & Further), unknown>>): Traits & Further {
  const names = Object.keys(NOTHING) as (keyof Further)[];
  const further = Object.fromEntries(names.map((name) => [name, state[name] ?? NOTHING[name]]));
  return { ...whole(state), ...(further as unknown as Further) };
}

/** What the ids of a mark are, where they are not features of the opened instance. */
export type Of = "suggestions" | "gained" | "marks";

export type Asked =
  | { readonly verb: "next"; readonly budget: number }
  | { readonly verb: "trust" | "undo" }
  | { readonly verb: "preview" | "retrain"; readonly correction: string | null }
  | { readonly verb: "go"; readonly revision: number }
  | { readonly verb: "name"; readonly revision: number; readonly name: string }
  | { readonly verb: "contrast"; readonly a: number; readonly b: number }
  | { readonly verb: "import"; readonly marks: string }
  | ({ readonly verb: "mark"; readonly of: Of } & Pick<Mark, "features" | "scope" | "because">)
  | { readonly verb: "withdraw"; readonly of: "marks"; readonly features: readonly number[] };

/** A host sends whatever is asked. */
const asked = (verb: Asked) => verb as unknown as Verb;

export const sessionVerbs = {
  next: (budget: number) => asked({ verb: "next", budget }),
  trust: () => asked({ verb: "trust" }),
  preview: (correction: string | null) => asked({ verb: "preview", correction }),
  retrain: (correction: string | null) => asked({ verb: "retrain", correction }),
  undo: () => asked({ verb: "undo" }),
  go: (revision: number) => asked({ verb: "go", revision }),
  name: (revision: number, name: string) => asked({ verb: "name", revision, name }),
  contrast: (a: number, b: number) => asked({ verb: "contrast", a, b }),
  import: (marks: string) => asked({ verb: "import", marks }),
  mark: (of: Of, features: readonly number[], because: string, scope: Scope) =>
    asked({ verb: "mark", of, features, scope, because }),
  withdraw: (features: readonly number[]) => asked({ verb: "withdraw", of: "marks", features }),
};

export const can = (status: Status, verb: "next" | "retrain" | "undo") => status.can.includes(verb);
/** Whether the latest verb of that name failed. */
export const failed = ({ error }: Status, ...verbs: (Asked["verb"] | "open")[]) =>
  error !== null && (verbs as string[]).includes(error.verb);

/** What was being done when an error came. */
export const DOING: Readonly<Record<string, string>> = {
  next: "Finding what to read",
  trust: "Asking the model",
  preview: "The preview",
  retrain: "Training",
  undo: "Undoing",
  go: "Going there",
  name: "Renaming",
  contrast: "Comparing",
  import: "The import",
};
