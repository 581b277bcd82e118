import { afterEach, describe, expect, it, vi } from "vitest";
import { isDark } from "../theme";
import { handsOn, settled, small, stage } from "./stage";

async function open(state: object) {
  const data = document.createElement("script");
  data.type = "application/json";
  data.id = "retrust-state";
  data.textContent = JSON.stringify(state).replaceAll("<", "\\u003c");
  const root = document.createElement("div");
  root.id = "retrust";
  document.body.append(data, root);
  vi.resetModules();
  await import("../page");
  await settled();
  return handsOn(root);
}

describe("a page that stands alone", () => {
  const other = small({
    target: 1,
    intercept: 0.4,
    weights: [
      [0, -0.3, null],
      [2, 0.05, null],
    ],
  });
  const state = { ...small(), readings: [...small().readings, ...other.readings] };

  it("toggles with the surrogate and says that no model is there", async () => {
    const page = await open(state);
    expect(page.text(".rt-model")).toBe("0.80");
    await page.click(page.word("alpha"));
    expect(page.text(".rt-surrogate")).toBe("0.40");
    expect(page.text(".rt-answers")).toContain("model not attached");
    await page.click(page.word("alpha"));
    expect(page.text(".rt-model")).toBe("0.80");
  });

  it("switches among the classes that were read", async () => {
    const page = await open(state);
    expect(page.all("option").map((option) => option.textContent)).toEqual(["yes", "no"]);
    await page.type(page.one("select"), "1", "change");
    expect(page.text(".rt-value")).toBe("against no −0.300");
    expect(page.text(".rt-surrogate")).toBe("0.15");
  });

  it("cuts the bars to the number wanted; the surrogate still reckons with all", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const page = await open(state);
    await page.type(page.one(".rt-number"), "1");
    vi.advanceTimersByTime(301);
    await settled();
    expect(page.all(".rt-row")).toHaveLength(1);
    expect(page.word("beta").getAttribute("aria-label")).toBe("beta, no weight, present");
    expect(page.text(".rt-surrogate")).toBe("0.70");
    vi.useRealTimers();
  });

  it("shows marks and offers none", async () => {
    const mark = { name: "alpha", scope: "everywhere", because: "</script>", features: [0] };
    const page = await open({ ...state, marks: [mark] });
    expect(page.text(".rt-mark-because")).toBe("</script>");
    expect(page.has("button.rt-flag")).toBe(false);
    expect(page.has(".rt-mark button")).toBe(false);
  });

  it("shows one class only where one was read", async () => {
    const page = await open(small());
    expect(page.has("select")).toBe(false);
  });
});

describe("the theme", () => {
  afterEach(() => {
    document.body.removeAttribute("data-jp-theme-light");
    document.body.className = "";
    document.body.style.backgroundColor = "";
  });

  it("is the host's: JupyterLab, VS Code, marimo", () => {
    expect(isDark(document)).toBe(false);
    document.body.dataset.jpThemeLight = "false";
    expect(isDark(document)).toBe(true);
    document.body.dataset.jpThemeLight = "true";
    document.body.className = "dark";
    expect(isDark(document)).toBe(false);
    document.body.removeAttribute("data-jp-theme-light");
    expect(isDark(document)).toBe(true);
    document.body.className = "vscode-dark";
    expect(isDark(document)).toBe(true);
    document.body.className = "vscode-light";
    expect(isDark(document)).toBe(false);
  });

  it("changes while the page lives, with the ground where our inks can be read on it", async () => {
    const page = await stage(small());
    const root = page.one(".rt");
    expect(root.classList.contains("rt-dark")).toBe(false);
    document.body.style.backgroundColor = "rgb(17, 17, 17)";
    document.body.dataset.jpThemeLight = "false";
    await settled();
    expect(root.classList.contains("rt-dark")).toBe(true);
    expect(root.style.getPropertyValue("--rt-ground")).toBe("rgb(17, 17, 17)");
    document.body.dataset.jpThemeLight = "true";
    await settled();
    expect(root.classList.contains("rt-dark")).toBe(false);
    expect(root.style.getPropertyValue("--rt-ground")).toBe("");
  });
});
