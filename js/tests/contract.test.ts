import { describe, expect, it } from "vitest";
import { BLANK, complete, parse, TRAITS, verbs } from "../contract";
import { layOut } from "../passages";
import { example, names } from "./stage";

describe.each(names)("%s", (name) => {
  const file = example(name);

  it("is parsed", () => {
    expect(parse(file.scene)).toBe(file.scene);
  });

  it("has every trait, and every field that the page reads", () => {
    for (const trait of TRAITS) expect(file, trait).toHaveProperty(trait);
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
        probe: () => sent.verb === "probe" && verbs.probe({ ...sent, top: null }),
        sample: () => sent.verb === "sample" && verbs.sample(sent.n),
        stop: () => verbs.stop(),
        mark: () => sent.verb === "mark" && verbs.mark(sent.features, sent.because),
        withdraw: () => sent.verb === "withdraw" && verbs.withdraw(sent.features),
      }[sent.verb]();
      expect(made).toEqual(sent);
      expect(id).toBeGreaterThan(0);
    }
    expect(new Set(file.verbs.map(({ verb }) => verb)).size).toBe(6);
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

  it("completes a state in which traits and fields are missing", () => {
    const traits = complete({ status: { phase: "sampling" }, probe: null });
    expect(traits.status).toEqual({ ...BLANK.status, phase: "sampling" });
    expect(traits.readings).toEqual([]);
    expect(traits.look).toEqual(BLANK.look);
  });
});
