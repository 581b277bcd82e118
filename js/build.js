// Bundles the page into src/retrust/static; with --serve, draws js/demo.html from the sources instead.
import { statSync } from "node:fs";
import { build, context } from "esbuild";

const OUT = "src/retrust/static";
const BUDGET = 60_000; // bytes; a saved notebook stores the bundle once for each widget in it
const shared = {
  bundle: true,
  minify: true,
  // `h` takes children as arguments, which is shorter than the runtime's objects.
  inject: ["js/h.js"],
  tsconfigRaw: {
    compilerOptions: { target: "es2022", jsx: "react", jsxFactory: "h", jsxFragmentFactory: "Fragment" },
  },
  target: ["chrome117", "firefox121", "safari16.4"],
  charset: "utf8",
  logLevel: "warning",
};

async function bundle() {
  await Promise.all([
    build({ ...shared, entryPoints: ["js/widget.ts", "js/image.ts"], format: "esm", outdir: OUT }),
    build({ ...shared, entryPoints: ["js/page.ts", "js/page-image.ts"], format: "iife", outdir: OUT }),
    build({ ...shared, entryPoints: ["js/style.css"], outfile: `${OUT}/widget.css` }),
  ]);
  for (const name of ["widget.js", "image.js", "page.js", "page-image.js", "widget.css"]) {
    const { size } = statSync(`${OUT}/${name}`);
    console.log(`${name.padEnd(13)} ${(size / 1000).toFixed(1)} kB`);
    if (size > BUDGET) throw new Error(`${name} is over its ${BUDGET / 1000} kB`);
  }
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
