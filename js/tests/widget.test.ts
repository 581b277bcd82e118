import { afterEach, describe, expect, it, vi } from "vitest";
import { BLANK } from "../contract";
import { again, example, small, stage } from "./stage";

afterEach(() => {
  vi.useRealTimers();
});

describe("sampling", () => {
  const sampling = { ...small().status, phase: "sampling" as const, done: 640, of: 5000 };

  it("shows progress, and bars that move with every batch", async () => {
    const page = await stage({ ...small(), status: sampling });
    expect(page.text(".rt-progress")).toContain("sampling 640 of 5,000");
    expect(page.one("[role=progressbar]").getAttribute("aria-valuenow")).toBe("640");
    const width = page.one(".rt-axis i").style.width;
    await page.later(page.bench, small({ weights: [[0, 0.3, 0.2]] }));
    expect(page.one(".rt-axis i").style.width).not.toBe(width);
    await page.later(page.bench, { status: small().status });
    expect(page.has(".rt-progress")).toBe(false);
  });

  it("stops on demand, and tells what to do when a cell holds the kernel", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    const page = await stage({ ...small(), status: sampling });
    await page.click(page.one(".rt-progress .rt-button"));
    vi.advanceTimersByTime(50);
    await page.later(page.bench, {});
    expect(page.bench.sent).toEqual([{ verb: "stop", id: 1 }]);
    expect(page.has(".rt-hint")).toBe(false);
    vi.advanceTimersByTime(1001);
    await page.later(page.bench, {});
    expect(page.text(".rt-hint")).toBe("a running cell stops with Kernel → Interrupt");
    expect(page.bench.sent).toHaveLength(2);
    await page.later(page.bench, { status: { ...sampling, message: "stopping" } });
    vi.advanceTimersByTime(3000);
    expect(page.bench.sent).toHaveLength(2);
    await page.later(page.bench, { status: small().status });
    expect(page.has(".rt-hint")).toBe(false);
  });

  it("can be watched before the first answer", async () => {
    const page = await stage({ status: sampling });
    expect(page.text(".rt-head")).toContain("waiting for the first answer");
    expect(page.has(".rt-skeleton")).toBe(true);
    await page.later(page.bench, { status: { ...sampling, phase: "idle" } });
    expect(page.text(".rt-head")).toBe("no answer came, so there is nothing to show");
    expect(page.has(".rt-skeleton")).toBe(false);
    await page.later(page.bench, small());
    expect(page.has(".rt-skeleton")).toBe(false);
    expect(page.all(".rt-word")).toHaveLength(4);
  });
});

describe("an error", () => {
  const failed = (id: number, message: string) => ({
    status: { ...small().status, error: { verb: "probe", id, message } },
  });

  it("stands under the view with its message, and the next click works", async () => {
    const page = await stage(small());
    await page.click(page.word("alpha"));
    await page.later(page.bench, failed(1, "ValueError: <b>no</b>"));
    expect(page.one(".rt-failure").getAttribute("role")).toBe("alert");
    expect(page.text(".rt-failure-message")).toBe("ValueError: <b>no</b>");
    expect(page.text(".rt-gap")).toBe("no answer");
    await page.click(page.word("beta"));
    expect(page.bench.sent.map(({ id }) => id)).toEqual([1, 2]);
    await page.later(page.bench, { ...small(), probe: { off: [0, 1], edits: {}, outputs: [[0.44, 0.56]] } });
    await page.later(page.bench, { look: { off: [0, 1], edits: {}, top: null } });
    expect(page.has(".rt-failure")).toBe(false);
    expect(page.text(".rt-model")).toBe("0.44");
  });

  it("is dismissed until another comes", async () => {
    const page = await stage({ ...small(), ...failed(1, "first") });
    await page.click(page.one(".rt-failure .rt-close"));
    expect(page.has(".rt-failure")).toBe(false);
    await page.later(page.bench, { status: { ...failed(1, "first").status, done: 3 } });
    expect(page.has(".rt-failure")).toBe(false);
    await page.later(page.bench, failed(2, "second"));
    expect(page.text(".rt-failure-message")).toBe("second");
  });

  it("frees the queued question", async () => {
    const page = await stage(small());
    await page.click(page.word("alpha"));
    await page.click(page.word("beta"));
    await page.later(page.bench, failed(1, "no"));
    expect(page.bench.sent.at(-1)).toEqual({ verb: "probe", id: 2, off: [0, 1], edits: {} });
  });
});

describe("marks", () => {
  it("are made by the flag, with a reason, by keyboard alone", async () => {
    const page = await stage(small());
    const flag = page.one(".rt-flag");
    flag.focus();
    await page.click(flag, 0);
    const reason = page.one("[role=dialog] input");
    expect(document.activeElement).toBe(reason);
    await page.type(reason, "  a header ");
    page.one("form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    await page.later(page.bench, {});
    expect(page.bench.sent).toEqual([
      { verb: "mark", id: 1, features: [0], scope: "everywhere", because: "a header" },
    ]);
    expect(page.has("[role=dialog]")).toBe(false);
    expect(document.activeElement).toBe(flag);
  });

  it("are made from the word by M, and not by Escape", async () => {
    const page = await stage(small());
    page.word("gamma").focus();
    await page.press(page.word("gamma"), "m");
    expect(page.one("[role=dialog]").getAttribute("aria-label")).toBe("Mark gamma as untrustworthy");
    await page.press(page.one("[role=dialog] input"), "Escape");
    expect(page.has("[role=dialog]")).toBe(false);
    expect(document.activeElement).toBe(page.word("gamma"));
    expect(page.bench.sent).toEqual([]);
  });

  it("are shown on word, bar and list with their reason, and taken back by flag or list", async () => {
    const mark = { name: "alpha", scope: "everywhere" as const, because: "a header", features: [0] };
    const page = await stage({ ...small(), marks: [mark] });
    expect(page.word("alpha").getAttribute("aria-label")).toBe(
      "alpha, for yes +0.300, present, marked as untrustworthy",
    );
    expect(page.word("alpha").className).toContain("rt-marked");
    expect(page.word("beta").className).not.toContain("rt-marked");
    expect(page.one(".rt-flag").getAttribute("aria-pressed")).toBe("true");
    expect(page.one(".rt-flag").title).toContain("a header");
    expect(page.text(".rt-mark")).toContain("alphaa headereverywhere");
    await page.click(page.one(".rt-flag"));
    await page.click(page.one(".rt-mark .rt-close"));
    expect(page.bench.sent).toEqual([
      { verb: "withdraw", id: 1, features: [0] },
      { verb: "withdraw", id: 2, features: [0] },
    ]);
    await page.later(page.bench, { marks: [] });
    expect(page.has(".rt-marks")).toBe(false);
  });
});

describe("parts", () => {
  it("are taken away by their bars", async () => {
    const page = await stage(example("parts.json"));
    const [name] = page.all(".rt-name");
    expect(name?.getAttribute("aria-label")).toBe("E4 at 2, for major +0.310, present");
    await page.click(name as HTMLElement);
    expect(page.bench.get("look").off).toEqual([1]);
    expect(page.all(".rt-name")[0]?.getAttribute("aria-pressed")).toBe("true");
    expect(page.text(".rt-surrogate")).toBe("0.26");
  });
});

describe("strange strings", () => {
  it("stay text, in the text, the classes, the reasons, the doubts and the errors", async () => {
    const file = example("hostile.json");
    const page = await stage(file);
    const typed = file.scene.pieces.map(([text, id]) => file.look.edits[String(id)] ?? text).join("");
    expect(page.text(".rt-text")).toBe(typed);
    expect(page.text(".rt-class-name")).toBe('<b>bold & "quoted"</b>');
    expect(page.text(".rt-mark-because")).toBe('</script><script>alert("x")</script> & more');
    expect(page.text(".rt-doubt")).toBe('<b>Poor</b> & "unsure" </script>');
    expect(page.text(".rt-failure-message")).toBe('ValueError: <b>no</b> & "never" </script>');
    for (const tag of ["script", "img", "em", ".rt-text i", ".rt-doubt b"])
      expect(page.has(tag), tag).toBe(false);
  });

  it("let each paragraph take its direction", async () => {
    const page = await stage(example("hostile.json"));
    expect(page.all(".rt-paragraph").map((paragraph) => paragraph.getAttribute("dir"))).toEqual(["auto"]);
    expect(page.word("👩‍👩‍👧").getAttribute("aria-label")).toContain("for <b>bold");
  });
});

describe("a view", () => {
  it("says what it cannot draw", async () => {
    const page = await stage({ scene: { version: 1, kind: "foo" } });
    expect(page.text("[role=alert]")).toBe("This cannot be drawn. unknown kind: foo");
  });

  it("keeps letters from the notebook, whose commands they are, and leaves it those that run a cell", async () => {
    const page = await stage(small());
    const reached: string[] = [];
    page.el.addEventListener("keydown", ({ key }) => reached.push(key));
    const word = page.word("alpha");
    for (const key of ["d", "x", "1", "ArrowDown", " ", "Escape"]) await page.press(word, key);
    expect(reached).toEqual([]);
    const pressed = page.word("alpha").getAttribute("aria-pressed");
    for (const more of [{ shiftKey: true }, { ctrlKey: true }, { metaKey: true }])
      await page.press(word, "Enter", more);
    expect(reached).toEqual(["Enter", "Enter", "Enter"]);
    expect(page.word("alpha").getAttribute("aria-pressed")).toBe(pressed);
    await page.press(word, "s", { ctrlKey: true });
    expect(reached.at(-1)).toBe("s");
  });

  it("greets the kernel once, so that nothing else can be the first message after a reload", async () => {
    const page = await stage(small());
    expect(page.bench.greetings).toBe(1);
    expect(page.bench.sent).toEqual([]);
  });

  it("ends without a trace", async () => {
    const page = await stage(small());
    expect(page.bench.listeners).toBe(Object.keys(BLANK).length);
    page.end();
    expect(page.el.childElementCount).toBe(0);
    expect(page.bench.listeners).toBe(0);
  });

  it("shares its look with another of the same model, and only the one that was clicked asks", async () => {
    const page = await stage(small());
    const second = await again(page.bench);
    await page.click(page.word("alpha"));
    expect(second.word("alpha").getAttribute("aria-pressed")).toBe("true");
    expect(page.bench.sent).toHaveLength(1);
  });
});
