import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { counts, numberOf } from "../surrogate";
import { answer, says, stage } from "./stage";
import { HOSTILE, row, slopes, wide } from "./tables";

type Page = Awaited<ReturnType<typeof stage>>;

const line = (page: Page, column: number) => page.one(`[data-column="${column}"]`);
const within = (element: HTMLElement, selector: string) => {
  const found = element.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`nothing in the line is ${selector}`);
  return found;
};
const name = (page: Page, column: number) => within(line(page, column), ".rt-name");
const value = (page: Page, column: number) => within(line(page, column), ".rt-typed") as HTMLInputElement;
const edit = (page: Page, column: number, text: string) => page.type(value(page, column), text, "change");
const choose = (page: Page, column: number, text: string) => page.type(value(page, column), text, "change");
const choice = (page: Page, say: string) => {
  const found = page.all("label").find((label) => label.textContent?.startsWith(say));
  return within(found as HTMLElement, "select");
};
const names = (page: Page) =>
  page
    .all("li.rt-col:not(.rt-col-head):not(.rt-col-word) .rt-col-name > :first-child")
    .map((e) => e.textContent);
const look = (page: Page) => page.bench.get("look");

describe("a row of a table", () => {
  it("has its columns in lines, those with weight first, the constant last and without controls", async () => {
    const page = await stage(row());
    const drawn = page.all("li.rt-col[data-column]").map(({ dataset }) => Number(dataset.column));
    expect(drawn).toEqual([0, 3, 3, 1, 2, 4, 5]);
    expect(line(page, 5).textContent).toBe("countryUSthe same in all rows");
    expect(line(page, 5).querySelector("button, input, select")).toBeNull();
  });

  it("shows name, condition, value, histogram and weight of a column", async () => {
    const page = await stage(row());
    expect(name(page, 0).textContent).toBe("age");
    expect(line(page, 0).querySelector(".rt-condition")?.textContent).toBe("30 < age ≤ 40");
    expect(value(page, 0).value).toBe("34");
    expect(line(page, 0).querySelector("title")?.textContent).toBe("above 45 % of the training rows");
    expect(line(page, 0).querySelector(".rt-value")?.textContent).toBe("for yes +0.200 ±.02");
    expect(line(page, 1).querySelector("title")?.textContent).toBe("Lyon: 30 % of the training rows");
  });

  it("has a column drawn from the others by its name, and puts it back", async () => {
    const page = await stage(row());
    await page.click(name(page, 0));
    expect(look(page).off).toEqual([0]);
    expect(name(page, 0).getAttribute("aria-pressed")).toBe("true");
    expect(line(page, 0).textContent).toContain("drawn from the others");
    expect(page.text(".rt-surrogate")).toBe("0.45");
    await page.click(name(page, 0));
    expect(look(page).off).toEqual([]);
  });

  it("shows where the answers to the draws lie", async () => {
    const page = await stage(row());
    await page.click(name(page, 0));
    await page.later(page.bench, {
      probe: {
        ...answer([0], 0.41).probe,
        spread: [
          [
            [0.3, 0.52],
            [0.48, 0.7],
          ],
        ],
      },
    });
    expect(page.text(".rt-answers")).toContain("model says 0.41 (0.30 – 0.52, 50 draws)");
    await page.click(name(page, 0));
    expect(page.text(".rt-answers")).not.toContain("draws");
  });

  it("keeps a condition that an edited number still fulfils, and drops one that it does not", async () => {
    const page = await stage(row());
    await edit(page, 0, "40");
    expect(look(page).edits).toEqual({ 0: "40" });
    expect(page.text(".rt-surrogate")).toBe("0.65");
    await page.later(page.bench, answer([], 0.66, { 0: "40" }));
    await edit(page, 0, "41");
    expect(page.text(".rt-surrogate")).toBe("0.45");
    expect(line(page, 0).classList.contains("rt-fails")).toBe(true);
    await page.later(page.bench, answer([], 0.4, { 0: "41" }));
    expect(says(page)).toEqual({ surrogate: "0.45", model: "0.40", gap: "gap 0.05" });
  });

  it("ends a trial with the row's own value, and asks nothing for it", async () => {
    const page = await stage(row());
    await edit(page, 0, "41");
    await edit(page, 0, "34");
    expect(look(page).edits).toEqual({});
    expect(page.text(".rt-model")).toBe("0.80");
  });

  it("takes another category, and counts only its own as present", async () => {
    const page = await stage(row());
    const options = [...value(page, 1).querySelectorAll("option")].map((option) => option.textContent);
    expect(options).toEqual(["Ghent – 50 %", "Lyon – 30 %", "missing", "and 2 others"]);
    await choose(page, 1, "Ghent");
    expect(look(page).edits).toEqual({ 1: "Ghent" });
    expect(page.text(".rt-surrogate")).toBe("0.60");
    await choose(page, 1, "");
    expect(look(page).edits).toEqual({ 1: "" });
    expect(page.text(".rt-chip")).toBe("city Lyon → missing ×");
  });

  it("shows a missing value as missing, and lets one be typed", async () => {
    const page = await stage(row());
    expect(value(page, 2).placeholder).toBe("missing");
    expect(line(page, 2).querySelector("title")?.textContent).toBe(
      "5 % of the training rows have no value here",
    );
    await edit(page, 2, "40");
    expect(look(page).edits).toEqual({ 2: "40" });
    expect(line(page, 2).classList.contains("rt-fails")).toBe(true);
    await edit(page, 2, "");
    expect(look(page).edits).toEqual({});
  });

  it("leaves a number as it was where none was typed", async () => {
    const page = await stage(row());
    const input = value(page, 0);
    Object.defineProperty(input, "validity", { value: { badInput: true } });
    await edit(page, 0, "");
    expect(look(page).edits).toEqual({});
    expect(input.value).toBe("34");
  });

  it("takes Escape for leaving the value, and Enter for keeping it", async () => {
    const page = await stage(row());
    const input = value(page, 0);
    input.value = "50";
    await page.press(input, "Escape");
    expect(input.value).toBe("34");
    input.value = "50";
    await page.press(input, "Enter");
    expect(look(page).edits).toEqual({ 0: "50" });
  });

  it("puts a column that was off back when its value is edited", async () => {
    const page = await stage(row());
    await page.click(name(page, 0));
    await edit(page, 0, "36");
    expect(look(page)).toMatchObject({ off: [], edits: { 0: "36" } });
  });

  it("types a date as a date", async () => {
    const page = await stage(row());
    expect(value(page, 4).type).toBe("date");
    await edit(page, 4, "2019-01-01");
    expect(look(page).edits).toEqual({ 5: "2019-01-01" });
    expect(line(page, 4).classList.contains("rt-fails")).toBe(true);
  });

  it("has the words of a text in its line, to be taken away one by one or together", async () => {
    const page = await stage(row());
    expect(page.text(".rt-text")).toBe("no refund, no");
    await page.click(page.word("refund"));
    expect(look(page).off).toEqual([4]);
    expect(page.text(".rt-surrogate")).toBe("0.75");
    await page.click(name(page, 3));
    expect([...look(page).off].sort()).toEqual([3, 4]);
    await page.click(name(page, 3));
    expect(look(page).off).toEqual([]);
  });

  it("gives words with weight a line of their own", async () => {
    const page = await stage(row());
    const word = page.one(".rt-col-word");
    expect(within(word, ".rt-name").textContent).toBe("refund");
    expect(within(word, ".rt-value").textContent).toBe("against yes −0.100");
    await page.click(within(word, ".rt-name"));
    expect(look(page).off).toEqual([4]);
  });

  it("walks through words by keys, takes them away and marks them", async () => {
    const page = await stage(row());
    const [first, second] = page.all(".rt-word") as [HTMLElement, HTMLElement];
    first.focus();
    await page.press(first, "ArrowRight");
    expect(document.activeElement).toBe(second);
    await page.press(second, " ");
    expect(look(page).off).toEqual([4]);
    await page.press(second, "m");
    expect(page.has("[role=dialog]")).toBe(true);
  });

  it("marks a column by its name", async () => {
    const page = await stage(row());
    const flag = within(line(page, 0), ".rt-flag");
    expect(flag.getAttribute("aria-label")).toBe("mark age as untrustworthy");
    await page.click(flag);
    expect(page.text(".rt-form-title")).toBe("age should not count");
    page.one("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    expect(page.bench.sent.at(-1)).toMatchObject({ verb: "mark", features: [0], scope: "everywhere" });
  });

  it("says how many samples count, and what the surrogate speaks of", async () => {
    const locality = "The kernel weighs all samples nearly alike.";
    const page = await stage(row({ effective: 764.3, locality }));
    expect(page.text(".rt-effective")).toBe("effective samples 764 of 5,000");
    expect(page.text(".rt-locality")).toBe(locality);
    const silent = await stage(row({ effective: null, locality: null }));
    expect(silent.has(".rt-effective") || silent.has(".rt-locality")).toBe(false);
  });

  it("shows dashes where nothing is known", async () => {
    const page = await stage(row({ intercept: null, fidelity: null, prediction: [null, null], weights: [] }));
    expect(says(page)).toEqual({ surrogate: "–", model: "–", gap: "gap –" });
    expect(page.all(".rt-col-none").length).toBeGreaterThan(0);
  });

  it("writes hostile names and values as they are", async () => {
    const { scene } = row();
    const columns = scene.columns.map((column) => ({ ...column, name: HOSTILE }));
    const others = [{ title: HOSTILE, values: columns.map(() => HOSTILE) }];
    const page = await stage(row({}, { columns, others }));
    await page.type(choice(page, "compare with"), "0", "change");
    expect(page.has("img, script")).toBe(false);
    expect(name(page, 0).textContent).toBe(HOSTILE);
    expect(within(line(page, 0), ".rt-take .rt-chip-text").textContent).toBe(HOSTILE);
  });
});

describe("another row", () => {
  const beside = async () => {
    const page = await stage(row());
    await page.type(choice(page, "compare with"), "0", "change");
    return page;
  };
  const taken = (page: Page, column: number) => line(page, column).querySelector<HTMLElement>(".rt-take");

  it("stands beside this one, with a button where they differ", async () => {
    const page = await beside();
    expect(taken(page, 0)?.getAttribute("aria-label")).toBe("take 55 over for age");
    expect(taken(page, 1)).toBeNull();
    expect(within(line(page, 1), ".rt-other").textContent).toBe("Lyon");
    expect(within(line(page, 3), ".rt-other").textContent).toBe("all is well");
  });

  it("gives one value over, as an edit", async () => {
    const page = await beside();
    await page.click(taken(page, 0) as HTMLElement);
    expect(look(page).edits).toEqual({ 0: "55" });
    expect(taken(page, 0)).toBeNull();
    expect(value(page, 0).value).toBe("55");
  });

  it("gives all over at once, which is one question to the model", async () => {
    const page = await beside();
    const all = page.all("button").find((button) => button.textContent === "take all 3 over");
    await page.click(all as HTMLElement);
    expect(look(page).edits).toEqual({ 0: "55", 2: "40", 5: "2020-06-01" });
    expect(page.bench.sent.filter(({ verb }) => verb === "probe")).toHaveLength(1);
    expect(page.text(".rt-surrogate")).toBe("0.45");
  });
});

describe("a slope", () => {
  it("shows its coefficient in the column's unit beside that of a standard deviation", async () => {
    const page = await stage(slopes());
    expect(line(page, 0).querySelector(".rt-value")?.textContent).toBe("raises price +2.00 ±1.0");
    expect(line(page, 0).querySelector(".rt-per")?.textContent).toBe("+4.00 per unit");
  });

  it("counts times its place: intercept + 2 × (value − 3) / 0.5", async () => {
    const page = await stage(slopes());
    await page.click(name(page, 1));
    expect(page.text(".rt-surrogate")).toBe("5.00");
    await edit(page, 0, "5");
    expect(page.text(".rt-surrogate")).toBe("9.00");
    await edit(page, 0, "");
    expect(page.text(".rt-surrogate")).toBe("1.00");
    await page.click(name(page, 0));
    expect(page.text(".rt-surrogate")).toBe("1.00");
  });

  it("of a date is told by the day", async () => {
    const state = slopes();
    const [reading] = state.readings;
    const page = await stage({ ...state, readings: [{ ...reading, weights: [[1, 3, null]] }] });
    expect(line(page, 1).querySelector(".rt-per")?.textContent).toBe("+3.00 per day");
  });
});

describe("what an edit counts", () => {
  const { scene } = row();

  it("is one within low < value ≤ high, else nought", () => {
    expect(["30", "30.5", "40", "40.01", "", "many"].map((text) => counts(scene, 0, text))).toEqual([
      0, 1, 1, 0, 0, 0,
    ]);
  });

  it("is one without an edit, and nought for a word that was replaced", () => {
    expect([counts(scene, 0), counts(scene, 4, "money"), counts(scene, 4)]).toEqual([1, 0, 1]);
  });

  it("reads dates with and without a time of day as seconds since 1970", () => {
    const [column] = scene.columns.filter(({ kind }) => kind === "date");
    if (!column) throw new Error("no date");
    expect(numberOf("2021-03-04", column)).toBe(1614816000);
    expect(numberOf("2021-03-04 01:00", column)).toBe(1614819600);
  });
});

describe("a table of 300 columns", () => {
  it("shows those with weight first, and the others when they are asked for", async () => {
    const page = await stage(wide(300));
    expect(names(page)).toEqual(["column 299", "column 298"]);
    expect(page.text(".rt-col-fold")).toBe("show the other 298 columns, which have no weight here");
    await page.click(page.one(".rt-col-fold button"));
    expect(names(page)).toHaveLength(300);
    await page.click(page.one(".rt-col-fold button"));
    expect(names(page)).toHaveLength(2);
  });

  it("finds columns by name, and says where there is none", async () => {
    const page = await stage(wide(300));
    await page.type(page.one("[type=search]"), "COLUMN 17");
    expect(names(page)).toEqual(["column 17", ...Array.from({ length: 10 }, (_, i) => `column 17${i}`)]);
    await page.type(page.one("[type=search]"), "rows");
    expect(page.text(".rt-none")).toBe("no column is called so");
  });

  it("sorts by name as people count, and as in the table", async () => {
    const page = await stage(wide(12));
    expect(names(page).slice(0, 4)).toEqual(["column 11", "column 10", "column 0", "column 1"]);
    await page.type(choice(page, "sort"), "name", "change");
    expect(names(page)).toEqual([10, 11, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `column ${i}`));
    await page.type(choice(page, "sort"), "order", "change");
    expect(names(page)[0]).toBe("column 10");
  });

  it("has one stop for tabs in each row of controls, moved by up and down", async () => {
    const page = await stage(wide(300));
    const stops = () => page.all(".rt-cols [tabindex='0']").map(({ dataset }) => dataset.stop);
    expect(stops()).toEqual(["flag-299", "name-299", "value"]);
    name(page, 299).focus();
    await page.press(name(page, 299), "ArrowDown");
    expect(document.activeElement).toBe(name(page, 298));
    expect(stops()).toEqual(["flag-298", "name-298", "value"]);
    await page.press(name(page, 298), "Home");
    expect(document.activeElement).toBe(name(page, 299));
    await page.press(name(page, 299), "ArrowUp");
    expect(document.activeElement).toBe(name(page, 299));
  });
});

describe("axe finds nothing in", () => {
  it.each([
    ["a row beside another", row, "compare with"],
    ["a table of many columns, unfolded", () => wide(30), ""],
  ])("%s", async (_, state, select) => {
    const page = await stage(state());
    if (select) await page.type(choice(page, select), "0", "change");
    else await page.click(page.one(".rt-col-fold button"));
    const { violations } = await axe.run(page.el, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  });
});
