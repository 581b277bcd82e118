/** The page's end of docs/contract.md: what comes down, what goes up, and the door between. */
import type { ReadonlySignal } from "@preact/signals";
import { type Bytes, bytesOf } from "./bytes";
import type { Reading } from "./scene";
import type { Look, Mark, Probe, Scope, Status, Study } from "./traits";

export * from "./scene";
export * from "./traits";

/** How instances are picked. */
export type Method = "submodular" | "random";
/** Where a panel's mark speaks of its columns, not of the opened instance's features. */
interface Of {
  readonly of?: "pick";
}

export type Verb =
  | { readonly verb: "aim"; readonly target: number; readonly n_features: number }
  | ({ readonly verb: "probe"; readonly painted?: boolean } & Pick<Look, "off" | "edits">)
  | { readonly verb: "sample"; readonly n: number }
  | { readonly verb: "study" }
  | { readonly verb: "stop" }
  | { readonly verb: "hello" }
  | ({ readonly verb: "mark" } & Pick<Mark, "features" | "scope" | "because"> & Of)
  | ({ readonly verb: "withdraw"; readonly features: readonly number[] } & Of)
  | { readonly verb: "open"; readonly row: number }
  | {
      readonly verb: "pick";
      readonly method: Method;
      readonly target: number | null;
      readonly errors: boolean;
    }
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
  study: (): Verb => ({ verb: "study" }),
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

/** What only a panel asks for. */
export const panelVerbs = {
  open: (row: number): Verb => ({ verb: "open", row }),
  pick: (method: Method, target: number | null, errors: boolean): Verb => ({
    verb: "pick",
    method,
    target,
    errors,
  }),
  mark: (columns: readonly number[], because: string, scope: Scope): Verb =>
    ({ ...verbs.mark(columns, because, scope), of: "pick" }) as Verb,
  withdraw: (columns: readonly number[]): Verb => ({ ...verbs.withdraw(columns), of: "pick" }) as Verb,
};

export const canOpen = (status: Status) => status.can.includes("open");
export const canPick = (status: Status) => status.can.includes("pick");
export const canMark = (status: Status) => status.can.includes("mark");
export const canAim = (status: Status) => status.can.includes("aim");
export const canProbe = (status: Status) => status.can.includes("probe");
export const canSample = (status: Status) => status.can.includes("sample");
export const canStudy = (status: Status) => status.can.includes("study");
export const failedStudy = ({ error }: Status) => (error?.verb === "study" ? error : null);
export const failedProbe = ({ error }: Status) => (error?.verb === "probe" ? error : null);
export const failedOpen = ({ error }: Status) => error?.verb === "open";
export const failedPick = ({ error }: Status) => error?.verb === "pick";
export const failedAim = ({ error }: Status) => error?.verb === "aim";

type Doing = Readonly<Record<string, string>>;

const DOING: Doing = {
  sample: "Sampling",
  aim: "Reading again",
  mark: "Marking",
  withdraw: "Taking the mark back",
  reshape: "Merging or splitting",
};

/** What was being done when an error came, for people; `more` knows what else can be done. */
export const attempt = (verb: string, more: Doing = {}): string =>
  verb === "probe" ? "The model did not answer" : `${more[verb] ?? DOING[verb] ?? "Something"} failed`;

/** The state as it comes over the glass; the scene is parsed when it is drawn. */
export interface Traits {
  readonly scene: unknown;
  /** The scene of what is open in a panel, with its row. */
  readonly instance: unknown;
  readonly picked: unknown;
  readonly readings: readonly Reading[];
  readonly marks: readonly Mark[];
  readonly probe: Probe | null;
  readonly status: Status;
  readonly look: Look;
  readonly study: Study | Record<string, never>;
  readonly pixels: Bytes;
  readonly labels: Bytes;
  readonly backdrop: Bytes;
}

const NOTHING = bytesOf(null);

export const BLANK: Traits = {
  scene: {},
  instance: {},
  picked: {},
  readings: [],
  marks: [],
  probe: null,
  status: { phase: "idle", done: 0, of: 0, message: "", error: null, can: [] },
  look: { off: [], edits: {}, top: null },
  study: {},
  pixels: NOTHING,
  labels: NOTHING,
  backdrop: NOTHING,
};

/** The one trait that the page writes. */
export const OURS = "look" satisfies keyof Traits;

/** The traits of a state in which some may be missing, and some fields of a trait too. */
export function complete(state: Partial<Record<keyof Traits, unknown>>): Traits {
  const given: Record<string, unknown> = { ...BLANK };
  for (const name in BLANK) given[name] = state[name as keyof Traits] ?? given[name];
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
  /** The instances that a panel's page holds by itself. */
  readonly shelf?: { readonly rows: ReadonlySet<number>; open(row: number): void };
}
