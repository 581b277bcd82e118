/** The files of sessions: Python writes exactly these, and the page reads them. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { panelVerbs, type Scope, verbs } from "../contract";
import { parsePanel } from "../panels";
import { complete, type Of, sessionVerbs } from "../sessions";

const FOLDER = "tests/contract";
const names = readdirSync(FOLDER).filter((name) => /^session.*\.json$/.test(name));

interface Sent {
  readonly row: number;
  readonly features: readonly number[];
  readonly because: string;
  readonly scope: Scope;
  readonly of?: Of;
  readonly target: number;
  readonly n_features: number;
  readonly off: readonly number[];
  readonly edits: Readonly<Record<string, string>>;
  readonly budget: number;
  readonly correction: string | null;
  readonly revision: number;
  readonly name: string;
  readonly a: number;
  readonly b: number;
  readonly marks: string;
}
const SAID: Readonly<Record<string, (sent: Sent) => unknown>> = {
  open: ({ row }) => panelVerbs.open(row),
  mark: ({ of, features, because, scope }) =>
    of ? sessionVerbs.mark(of, features, because, scope) : verbs.mark(features, because, scope),
  withdraw: ({ of, features }) => (of ? sessionVerbs : verbs).withdraw(features),
  aim: ({ target, n_features }) => verbs.aim(target, n_features),
  probe: ({ off, edits }) => verbs.probe({ off, edits, top: null }),
  stop: () => verbs.stop(),
  hello: () => verbs.hello(),
  next: ({ budget }) => sessionVerbs.next(budget),
  trust: () => sessionVerbs.trust(),
  preview: ({ correction }) => sessionVerbs.preview(correction),
  retrain: ({ correction }) => sessionVerbs.retrain(correction),
  undo: () => sessionVerbs.undo(),
  go: ({ revision }) => sessionVerbs.go(revision),
  name: ({ revision, name }) => sessionVerbs.name(revision, name),
  contrast: ({ a, b }) => sessionVerbs.contrast(a, b),
  import: ({ marks }) => sessionVerbs.import(marks),
};

it("there are some", () => expect(names).toEqual(["session-regression.json", "session.json"]));

describe.each(names)("%s", (name) => {
  const file = JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8"));

  it("is parsed, and completes to itself", () => {
    expect(parsePanel(file.scene, ["session"])).toBe(file.scene);
    const state = complete(file) as unknown as Record<string, unknown>;
    const own = "picked suggestions plan standing changed revisions current undo ledger readings marks probe";
    for (const trait of own.split(" ")) expect(state[trait], trait).toEqual(file[trait]);
  });

  it("has both models' readings, and figures in the order in which they are read", () => {
    expect(file.readings.map(({ model }: { model: string }) => model)).toEqual(["before", "after"]);
    const measured = file.changed.measures.map(({ name }: { name: string }) => name);
    expect(measured).toEqual(["valid", "shifted", "stress", "reliance", "trust"]);
  });

  it("shows verbs as the page sends them", () => {
    for (const { id, ...sent } of file.verbs) {
      expect(SAID[sent.verb]?.(sent)).toEqual(sent);
      expect(id).toBeGreaterThan(0);
    }
  });
});
