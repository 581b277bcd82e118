// Bundles the page into src/retrust/static; with --serve, draws js/demo.html from the sources instead.
import { statSync } from "node:fs";
import { build, context } from "esbuild";

const OUT = "src/retrust/static";
// In bytes; a saved notebook stores the bundle once for each widget in it.
const SMALL = 60_000;
const LARGE = 90_000;
const WIDGETS = ["widget", "image", "pick", "pick-image", "pair", "session", "session-image"];
const PAGES = ["page", ...WIDGETS.slice(1).map((name) => `page-${name}`)];
const SHEETS = { widget: "style", panel: "panel", session: "loop" };
const budgetOf = (name) => (/pick|pair|session/.test(name) && name.endsWith("js") ? LARGE : SMALL);
const shared = {
  bundle: true,
  minify: true,
  // Not "browser": libraries ship an older, longer build under that name.
  platform: "neutral",
  mainFields: ["module", "main"],
  // `h` takes children as arguments, which is shorter than the runtime's objects.
  inject: ["js/h.js"],
  tsconfigRaw: {
    compilerOptions: { target: "es2022", jsx: "react", jsxFactory: "h", jsxFragmentFactory: "Fragment" },
  },
  target: ["chrome117", "firefox121", "safari16.4"],
  charset: "utf8",
  logLevel: "warning",
};

const entries = (names) => names.map((name) => `js/${name}.ts`);
const sheet = ([to, from]) =>
  build({ ...shared, entryPoints: [`js/${from}.css`], outfile: `${OUT}/${to}.css` });

async function bundle() {
  await Promise.all([
    build({ ...shared, entryPoints: entries(WIDGETS), format: "esm", outdir: OUT }),
    build({ ...shared, entryPoints: entries(PAGES), format: "iife", outdir: OUT }),
    ...Object.entries(SHEETS).map(sheet),
  ]);
  const scripts = [...WIDGETS, ...PAGES].map((name) => `${name}.js`);
  const sheets = Object.keys(SHEETS).map((name) => `${name}.css`);
  const over = [...scripts, ...sheets].filter((name) => {
    const { size } = statSync(`${OUT}/${name}`);
    console.log(`${name.padEnd(22)} ${(size / 1000).toFixed(1)} kB`);
    return size > budgetOf(name);
  });
  if (over.length) throw new Error(`over their budgets: ${over.join(", ")}`);
}

async function serve() {
  const workbench = await context({
    bundle: true,
    entryPoints: ["js/demo.ts"],
    format: "esm",
    outdir: "js",
    write: false,
  });
  const { port } = await workbench.serve({ servedir: ".", host: "127.0.0.1" });
  console.log(`http://127.0.0.1:${port}/js/demo.html`);
}

await (process.argv.includes("--serve") ? serve() : bundle());
