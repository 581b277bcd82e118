// Bundles the page into src/retrust/static; with --serve, draws js/demo.html from the sources instead.
import { statSync, writeFileSync } from "node:fs";
import { build, context } from "esbuild";
import { minify } from "terser";
import { SHORTENED, SPELT } from "./names.js";

const OUT = "src/retrust/static";
// In bytes; a saved notebook stores the bundle once for each widget in it.
const SMALL = 60_000;
const LARGE = 90_000;
// What laying an explanation open may add to views of pictures and tables; that of texts holds it within the rest.
const STUDY = 9_000;
const WIDGETS = [
  "widget",
  "image",
  "table",
  "pick",
  "pick-image",
  "pick-table",
  "pair",
  "session",
  "session-image",
  "session-table",
];
const PAGES = ["page", ...WIDGETS.slice(1).map((name) => `page-${name}`)];
const SHEETS = { widget: "style", table: "table", panel: "panel", session: "loop" };
function budgetOf(name) {
  if (!name.endsWith("js")) return SMALL;
  if (/pick|pair|session/.test(name)) return LARGE;
  return /image|table/.test(name) ? SMALL + STUDY : SMALL;
}
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

/** Bundles, made smaller a second time. */
async function scripts(names, format) {
  const made = await build({
    ...shared,
    entryPoints: entries(names),
    format,
    outdir: OUT,
    mangleProps: SHORTENED,
    reserveProps: SPELT,
    write: false,
  });
  for (const { path, text } of made.outputFiles) {
    const { code } = await minify(text, {
      module: format === "esm",
      ecma: 2022,
      compress: { passes: 4, keep_fargs: false, unsafe_arrows: true, unsafe_methods: true },
      format: { comments: false },
    });
    writeFileSync(path, code);
  }
}

async function bundle() {
  await Promise.all([scripts(WIDGETS, "esm"), scripts(PAGES, "iife"), ...Object.entries(SHEETS).map(sheet)]);
  const made = [...WIDGETS, ...PAGES].map((name) => `${name}.js`);
  const sheets = Object.keys(SHEETS).map((name) => `${name}.css`);
  const over = [...made, ...sheets].filter((name) => {
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
