import { describe, expect, it } from "vitest";
import { BLANK, complete, panelVerbs, parse, type Scene, type Traits, verbs } from "../contract";
import { parsePanel, pickedOf, rowOf } from "../panels";
import { layOut } from "../passages";
import { example, names, panelExample, panels } from "./stage";

const TRAITS = Object.keys(BLANK) as (keyof Traits)[];

const PANELS: ReadonlySet<keyof Traits> = new Set(["instance", "picked"]);
/** There on request. */
const ASKED: ReadonlySet<keyof Traits> = new Set(["study"]);
const PICTURES: ReadonlySet<keyof Traits> = new Set(["pixels", "labels", "backdrop"]);

describe.each(names)("%s", (name) => {
  const file = example(name);

  it("is parsed", () => {
    expect(parse(file.scene)).toBe(file.scene);
  });

  it("has every trait, and every field that the page reads", () => {
    const { kind } = file.scene as Scene;
    const own = TRAITS.filter(
      (name) => !PANELS.has(name) && !ASKED.has(name) && (kind === "image" || !PICTURES.has(name)),
    );
    for (const trait of own) expect(file, trait).toHaveProperty(trait);
    for (const trait of ["status", "look"] as const)
      expect(Object.keys(file[trait]).sort()).toEqual(Object.keys(BLANK[trait]).sort());
  });

  it("speaks of features and classes that the scene has", () => {
    const { features, classes } = file.scene;
    const spoken = [
      ...(file.scene.kind === "text" ? file.scene.pieces.map(([, id]) => id).filter((id) => id >= 0) : []),
      ...file.readings.flatMap(({ weights }) => weights.map(([id]) => id)),
      ...file.marks.flatMap((mark) => mark.features),
      ...file.look.off,
    ];
    for (const id of spoken) expect(features[id], `feature ${id}`).toBeDefined();
    for (const { target, prediction } of file.readings) {
      expect(classes[target]).toBeDefined();
      expect(prediction).toHaveLength(classes.length);
    }
  });

  it("lists weights largest first", () => {
    for (const { weights } of file.readings) {
      const sizes = weights.map(([, weight]) => Math.abs(weight));
      expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    }
  });

  it("shows verbs as the page sends them", () => {
    for (const { id, ...sent } of file.verbs) {
      const made = {
        aim: () => sent.verb === "aim" && verbs.aim(sent.target, sent.n_features),
        probe: () => sent.verb === "probe" && verbs.probe({ ...sent, top: null }, sent.painted),
        sample: () => sent.verb === "sample" && verbs.sample(sent.n),
        study: () => verbs.study(),
        stop: () => verbs.stop(),
        hello: () => verbs.hello(),
        mark: () => sent.verb === "mark" && verbs.mark(sent.features, sent.because, sent.scope),
        withdraw: () => sent.verb === "withdraw" && verbs.withdraw(sent.features),
        reshape: () => sent.verb === "reshape" && verbs.reshape(sent.merge, sent.split),
        open: () => null,
        pick: () => null,
      }[sent.verb]();
      expect(made).toEqual(sent);
      expect(id).toBeGreaterThan(0);
    }
    const kinds = new Set(file.verbs.map(({ verb }) => verb)).size;
    expect(kinds).toBe((file.scene as Scene).kind === "image" ? 7 : 6);
  });
});

describe.each(panels)("%s", (name) => {
  const file = panelExample(name);

  it("is parsed", () => {
    expect(parsePanel(file.scene)).toBe(file.scene);
    expect(() => parse(file.scene)).toThrow(`unknown kind: ${file.scene.kind}`);
  });

  it("has every trait but the pictures, and rows that the scene has", () => {
    for (const trait of TRAITS.filter((trait) => !PICTURES.has(trait) && !ASKED.has(trait)))
      expect(file, trait).toHaveProperty(trait);
    const rows = [rowOf(file.instance) ?? 0, ...(pickedOf(file.picked)?.rows ?? [])];
    for (const row of rows) expect(file.scene.instances[row], `row ${row}`).toBeDefined();
  });

  it("shows verbs as the page sends them", () => {
    for (const { id, ...sent } of file.verbs) {
      const of = "of" in sent ? panelVerbs : verbs;
      const made = {
        open: () => sent.verb === "open" && panelVerbs.open(sent.row),
        pick: () => sent.verb === "pick" && panelVerbs.pick(sent.method, sent.target, sent.errors),
        mark: () => sent.verb === "mark" && of.mark(sent.features, sent.because, sent.scope),
        withdraw: () => sent.verb === "withdraw" && of.withdraw(sent.features),
        aim: () => sent.verb === "aim" && verbs.aim(sent.target, sent.n_features),
        probe: () => sent.verb === "probe" && verbs.probe({ ...sent, top: null }, sent.painted),
        study: () => verbs.study(),
        stop: () => verbs.stop(),
        hello: () => verbs.hello(),
        sample: () => null,
        reshape: () => null,
      }[sent.verb]();
      expect(made).toEqual(sent);
      expect(id).toBeGreaterThan(0);
    }
  });
});

describe("a text", () => {
  it.each(names.filter((name) => example(name).scene.kind === "text"))(
    "%s stays what it was, joined",
    (name) => {
      const { pieces } = example(name).scene;
      const drawn = layOut(pieces)
        .paragraphs.flat()
        .map(({ text }) => text);
      expect(drawn.join("")).toBe(pieces.map(([text]) => text).join(""));
    },
  );
});

describe("the door", () => {
  it("refuses a kind that it does not know, by name", () => {
    expect(() => parse({ version: 1, kind: "foo" })).toThrow("unknown kind: foo");
  });

  it("refuses another version of the contract", () => {
    expect(() => parse({ version: 2, kind: "text" })).toThrow("unknown version of the contract: 2");
  });

  it("takes an empty scene for one that is not there yet", () => {
    expect(parse({})).toBeNull();
  });

  it("takes bytes from a view of a larger buffer, and from base64", () => {
    const { buffer } = new Uint8Array([9, 9, 1, 2, 3, 9]);
    const { pixels, labels, backdrop } = complete({ pixels: new DataView(buffer, 2, 3), labels: "AQID" });
    expect([...pixels]).toEqual([1, 2, 3]);
    expect(pixels.buffer).not.toBe(buffer);
    expect([...labels]).toEqual([1, 2, 3]);
    expect(backdrop).toHaveLength(0);
  });

  it("refuses a kind that this bundle does not draw", () => {
    expect(() => parse({ version: 1, kind: "image" }, ["text"])).toThrow("unknown kind: image");
  });

  it("has a panel's scene parsed by the panel, and what is open or picked told apart from nothing", () => {
    const scene = { version: 1, kind: "pair" };
    expect(parsePanel(scene)).toBe(scene);
    expect(parsePanel({})).toBeNull();
    expect(() => parsePanel({ version: 1, kind: "text" })).toThrow("unknown kind: text");
    expect([rowOf({}), rowOf({ row: 0 })]).toEqual([null, 0]);
    expect([pickedOf({}), pickedOf({ rows: [] })]).toEqual([null, { rows: [] }]);
  });

  it("says of a panel's mark that it speaks of columns", () => {
    const marked = { verb: "mark", features: [7], because: "a header", scope: "everywhere" };
    expect(verbs.mark([7], "a header", "everywhere")).toEqual(marked);
    expect(panelVerbs.mark([7], "a header", "everywhere")).toEqual({ ...marked, of: "pick" });
    expect(panelVerbs.withdraw([7])).toEqual({ verb: "withdraw", features: [7], of: "pick" });
    expect(panelVerbs.open(3)).toEqual({ verb: "open", row: 3 });
    expect(panelVerbs.pick("random", null, true)).toEqual({
      verb: "pick",
      method: "random",
      target: null,
      errors: true,
    });
  });

  it("completes a state in which traits and fields are missing", () => {
    const traits = complete({ status: { phase: "sampling" }, probe: null });
    expect(traits.status).toEqual({ ...BLANK.status, phase: "sampling" });
    expect(traits.readings).toEqual([]);
    expect(traits.look).toEqual(BLANK.look);
  });
});
