/** A session made up on the spot: posts told apart by their headers until those are marked. */
import type { Mark } from "./contract";
import { changedOf } from "./demo-changes";
import { AS_GIVEN, BELOW, type Now, namesOf, planOf, SCENE, stateOf, turns } from "./demo-loop";
import type { Words } from "./demo-pair";
import { min } from "./maths";
import type { Asked, Changed, Revision } from "./sessions";
import { type Sent, Workbench } from "./workbench";

type Wants = Sent | (Asked & { readonly id: number });
type State = Record<string, unknown>;

export class DemoSession {
  readonly #models = new Map<number, Words>([[0, AS_GIVEN]]);
  readonly #read = new Set<number>();
  readonly #past: { readonly what: string; readonly marks: readonly Mark[]; readonly current: number }[] = [];
  #marks: readonly Mark[] = [];
  #revisions: Revision[] = [
    { number: 0, parent: null, name: "as given", marks: 0, correction: null, figure: 0.934, model: true },
  ];
  #current = 0;
  #row: number | null = null;
  #picked: readonly number[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly bench: Workbench;

  /** The trainer of one that `fails` raises. */
  constructor(
    private readonly fails = false,
    kernel: (verb: Sent, bench: Workbench) => void = () => {},
  ) {
    const look = { off: [], edits: {}, top: null };
    const known = (verb: Sent) => setTimeout(() => this.#hear(verb) || kernel(verb, this.bench), 80);
    this.bench = new Workbench({ scene: SCENE, instance: {}, readings: [], probe: null, look }, known);
    this.#tell({ ...this.#all(), status: this.#status({}) });
  }

  #tell(state: State): void {
    for (const [name, value] of Object.entries(state)) this.bench.set(name as "probe", value as never);
  }

  #status(change: object) {
    const busy = (change as { phase?: string }).phase === "retraining";
    const can = ["open", "mark", "probe", "aim", "undo", "stop", ...(busy ? [] : ["next", "retrain"])];
    return { phase: "idle", done: 0, of: 0, message: "", error: null, can, ...change };
  }

  get #now(): Now {
    return {
      models: this.#models,
      revisions: this.#revisions,
      current: this.#current,
      marks: this.#marks,
      picked: this.#picked,
      read: this.#read,
      row: this.#row,
      undo: this.#past.at(-1)?.what ?? null,
    };
  }

  #all = () => stateOf(this.#now);

  #act(what: string, act: () => void): void {
    this.#past.push({ what, marks: this.#marks, current: this.#current });
    act();
    this.#tell({ ...this.#all(), status: this.#status({}) });
  }

  #marking({
    of,
    features,
    ...rest
  }: {
    of?: string;
    features: readonly number[];
    scope: Mark["scope"];
    because: string;
  }): void {
    const now = this.bench as unknown as { get(name: string): never };
    const lists: Record<string, readonly { name: string }[]> = {
      suggestions: now.get("suggestions"),
      gained: (now.get("changed") as Changed | null)?.gained ?? [],
      marks: this.#marks,
    };
    const names = features.map((id) => (of ? lists[of]?.[id]?.name : namesOf(this.#row ?? 0)[id]) ?? "");
    const made = names.map((name) => ({ name, scope: rest.scope, because: rest.because, features: [] }));
    this.#act(`the mark on ${names.join(", ")}`, () => {
      this.#marks = [...this.#marks.filter(({ name }) => !names.includes(name)), ...made];
    });
  }

  #withdraw(verb: { of?: string; features: readonly number[] }): void {
    const here = namesOf(this.#row ?? 0);
    const names = verb.features.map((id) => (verb.of ? this.#marks[id]?.name : here[id]));
    this.#act(`withdrawing ${names.join(", ")}`, () => {
      this.#marks = this.#marks.filter(({ name }) => !names.includes(name));
    });
  }

  #work(phase: "sampling" | "retraining", message: string, of: number, then: () => void): void {
    let done = 0;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      done = min(of, done + of / 20);
      if (done < of) return this.#tell({ status: this.#status({ phase, done, of, message }) });
      clearInterval(this.#timer);
      then();
    }, 100);
  }

  #retrain(id: number, correction: string | null): void {
    this.#work("retraining", "training in a process of its own", 40, () => {
      if (this.fails) {
        const message = "ValueError: the solver needs two classes, and the rows that are left have one";
        return this.#tell({ status: this.#status({ error: { verb: "retrain", id, message } }) });
      }
      const [parent, number] = [this.#current, this.#revisions.length];
      const gone = new Set(this.#marks.map(({ name }) => name));
      const words = Object.entries({ ...(this.#models.get(parent) ?? AS_GIVEN), ...BELOW }).filter(
        ([name]) => !gone.has(name),
      );
      this.#models.set(number, Object.fromEntries(words));
      this.#act("the retraining", () => {
        const marks = this.#marks.length;
        const made = {
          number,
          parent,
          name: "",
          marks,
          correction: correction ?? "Drop",
          figure: 0.912,
          model: true,
        };
        this.#revisions = [...this.#revisions, made];
        this.#current = number;
      });
      const whole = changedOf(number, parent, gone);
      this.#tell({
        changed: { ...whole, measures: whole.measures.slice(0, 2), gained: [], complete: false },
      });
      setTimeout(() => this.#tell({ changed: whole }), 900);
    });
  }

  #hear(given: Sent): boolean {
    const verb = given as Wants;
    if (verb.verb === "next")
      this.#work("sampling", "explaining rows to pick from", 200, () => {
        this.#picked = [0, 7, 4, 10, 14, 3].slice(0, verb.budget);
        this.#tell({ ...this.#all(), status: this.#status({}) });
      });
    else if (verb.verb === "open") {
      this.#row = verb.row;
      this.#read.add(verb.row);
      this.#tell(this.#all());
    } else if (verb.verb === "mark") this.#marking(verb as never);
    else if (verb.verb === "withdraw") this.#withdraw(verb as never);
    else if (verb.verb === "preview") this.#tell({ plan: planOf(this.#marks, verb.correction) });
    else if (verb.verb === "retrain") this.#retrain(verb.id, verb.correction);
    else if (verb.verb === "trust") {
      const instance = this.bench.get("instance") as object & { trust: object };
      const model = this.#row !== null && !turns(this.#now, this.#row);
      this.#tell({ instance: { ...instance, trust: { ...instance.trust, model } } });
    } else if (verb.verb === "stop") {
      clearInterval(this.#timer);
      this.#tell({ status: this.#status({ message: "stopped; the model is as it was" }) });
    } else if (verb.verb === "undo") {
      const { marks = [], current = 0 } = this.#past.pop() ?? {};
      [this.#marks, this.#current] = [marks, current];
      this.#tell(this.#all());
    } else if (verb.verb === "go")
      this.#act(`going to revision ${verb.revision}`, () => (this.#current = verb.revision));
    else if (verb.verb === "name") {
      this.#revisions = this.#revisions.map((r) =>
        r.number === verb.revision ? { ...r, name: verb.name } : r,
      );
      this.#tell({ revisions: this.#revisions });
    } else if (verb.verb === "contrast") this.#tell({ changed: changedOf(verb.b, verb.a, new Set()) });
    else return false;
    return true;
  }
}
