import axe from "axe-core";
import { describe, expect, it, vi } from "vitest";
import type { Reading } from "../contract";
import { short } from "../study/chart";
import { spaced } from "../study/moves";
import { small, stage } from "./stage";
import { laid } from "./studies";

const able = { ...small().status, can: ["aim", "probe", "sample", "study"] };
const state = (more: object = {}, change: Partial<Reading> = {}) => ({
  ...small(change),
  status: able,
  ...more,
});
type Page = Awaited<ReturnType<typeof stage>>;

async function open(page: Page) {
  const details = page.one(".rt-study") as HTMLDetailsElement;
  details.open = true;
  await page.later(page.bench, {});
  details.dispatchEvent(new Event("toggle"));
  await page.later(page.bench, {});
}

const asked = (page: Page) => page.bench.sent.filter(({ verb }) => verb === "study").length;

describe("the study", () => {
  it("is absent where it can neither be asked for nor is there", async () => {
    const page = await stage(small());
    expect(page.has(".rt-study")).toBe(false);
  });

  it("is there where the state holds it, without being asked for", async () => {
    const page = await stage({ ...small(), study: laid });
    await open(page);
    expect(asked(page)).toBe(0);
    expect(page.all(".rt-figure")).toHaveLength(4);
  });

  it("is asked for once a reading, when it is opened", async () => {
    const page = await stage(state());
    expect(asked(page)).toBe(0);
    await open(page);
    await vi.waitFor(() => expect(asked(page)).toBe(1));
    expect(page.text(".rt-study [role=status]")).toBe("Laying it open…");
    await page.later(page.bench, { study: laid });
    expect(asked(page)).toBe(1);
    await page.later(page.bench, { readings: small({ n_samples: 6000 }).readings, study: {} });
    await vi.waitFor(() => expect(asked(page)).toBe(2));
  });

  it("waits for the samples", async () => {
    const page = await stage(state({ status: { ...able, phase: "sampling" } }));
    await open(page);
    expect(asked(page)).toBe(0);
    expect(page.text(".rt-study")).toContain("Once the samples are here.");
    await page.later(page.bench, { status: able });
    await vi.waitFor(() => expect(asked(page)).toBe(1));
  });

  it("tells an error in its place, not under the card, and can be asked for again", async () => {
    const page = await stage(state());
    await open(page);
    await vi.waitFor(() => expect(asked(page)).toBe(1));
    const error = { verb: "study", id: 1, message: "its neighbourhood was let go" };
    await page.later(page.bench, { status: { ...able, error } });
    expect(page.text(".rt-study [role=alert]")).toContain("its neighbourhood was let go");
    expect(page.has(".rt-failure")).toBe(false);
    await page.click(page.one(".rt-study [role=alert] button"));
    expect(asked(page)).toBe(2);
  });

  it("says whose reasons are laid open where others are shown", async () => {
    const [first] = small().readings;
    const other = { ...first, target: 1 };
    const page = await stage({
      ...small(),
      readings: [first, other],
      status: { ...able, can: [] },
      study: laid,
    });
    await open(page);
    const select = page.one(".rt-select") as HTMLSelectElement;
    select.selectedIndex = 1;
    await page.type(select, "1", "change");
    expect(page.text(".rt-study")).toContain("Only the reasons for yes are laid open.");
  });

  it("says in words what each chart draws", async () => {
    const page = await stage({ ...small(), study: laid });
    await open(page);
    expect(page.all(".rt-chart").map((chart) => chart.getAttribute("aria-label"))).toEqual([
      "weights from 128 to 2,048 samples; at the end alpha +0.300, beta −0.100",
      "local fit R² against the width of the kernel: 6.25: 0.95, 18.2: 0.81, 25: 0.70; now 25; the widest above the floor is 18.2, the floor being 0.80",
      "model minus surrogate by absent words: 0: +0.100, spread 0.000; 1–2: −0.020, spread 0.030",
    ]);
  });

  it("does not call a width the widest above a floor that none reaches", async () => {
    const [first, ...others] = laid.widths?.curve ?? [];
    const curve = [{ ...first, fidelity: 0.6 }, ...others.slice(1)];
    const page = await stage({
      ...small(),
      study: { ...laid, widths: { ...laid.widths, best: 6.25, curve } },
    });
    await open(page);
    expect(page.text(".rt-study")).toContain("no width reaches the floor");
    expect(page.text(".rt-study")).toContain("best 6.25");
  });

  it("draws a line and a band for each of the top weights, in the colours of the bars", async () => {
    const page = await stage({ ...small(), study: laid });
    await open(page);
    const lines = page.all(".rt-chart g.rt-for polyline, .rt-chart g.rt-against polyline");
    expect(lines.map((line) => (line.getAttribute("points") ?? "").split(" ").length)).toEqual([3, 2]);
    expect(page.all(".rt-chart-band")).toHaveLength(2);
    expect(page.all(".rt-chart g.rt-against text").map(({ textContent }) => textContent)).toEqual(["beta"]);
  });

  it("lists the neighbourhood from near to far, with a few names", async () => {
    const page = await stage({ ...small(), study: laid });
    await open(page);
    const rows = page.all(".rt-near tbody tr").map((row) => row.textContent);
    expect(rows).toEqual(["nothing0.800.701.00 ", "gamma0.780.690.97 ", "alpha, beta, gamma +10.50–0.25 "]);
  });

  it("leaves out what there is not", async () => {
    const page = await stage({ ...small(), study: { ...laid, moves: [], widths: null, advice: [] } });
    await open(page);
    expect(page.all(".rt-figure")).toHaveLength(2);
    expect(page.text(".rt-study")).not.toContain("What would make it better");
    expect(page.text(".rt-study")).toContain("g(z) = 0.5 +0.3 [alpha]");
  });

  it("has nothing that axe finds", async () => {
    const page = await stage({ ...small(), study: laid });
    await open(page);
    const { violations } = await axe.run(page.el, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  });
});

describe("labels of a chart", () => {
  it("are moved apart where they would touch, within the chart", () => {
    expect(spaced([50, 100])).toEqual([50, 100]);
    const [first = 0, second = 0] = spaced([50, 51]);
    expect(second - first).toBe(13);
    expect(Math.max(...spaced([150, 151, 152]))).toBe(152);
  });

  it("are short numbers", () => {
    expect([0, 0.25, -1500, -0.00005, 0.30000000000000004].map(short)).toEqual([
      "0",
      "0.25",
      "−1500",
      "−5e−5",
      "0.3",
    ]);
  });
});
