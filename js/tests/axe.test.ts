import axe from "axe-core";
import { beforeEach, describe, expect, it } from "vitest";
import { decodes } from "./pictures";
import { example, names, stage } from "./stage";

beforeEach(() => {
  decodes();
});

/** Structure only: colours, and all that needs a layout, are looked at in a real browser. */
describe("axe finds nothing in", () => {
  it.each(names)("%s, with details and form open", async (name) => {
    const page = await stage(example(name));
    await page.later(page.bench, {});
    await page.click(page.one(".rt-more"));
    await page.click(page.all(".rt-flag").at(-1) as HTMLElement);
    expect(page.has("[role=dialog]")).toBe(true);
    const { violations, passes } = await axe.run(page.el, {
      rules: { "color-contrast": { enabled: false } },
    });
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(passes.length).toBeGreaterThan(10);
  });
});
