import { createRequire } from "node:module";
const require = createRequire("/work/main/package.json");
const { build } = require("esbuild"); const { minify } = require("terser");
const shared = { bundle:true, platform:"neutral", mainFields:["module","main"], inject:["js/h.js"],
 tsconfigRaw:{compilerOptions:{target:"es2022",jsx:"react",jsxFactory:"h",jsxFragmentFactory:"Fragment"}}, target:["chrome117","firefox121","safari16.4"], charset:"utf8", write:false};
for (const name of ["image","session-image"]) for (const m of [true,false]) {
  const out = await build({...shared, minify:m, entryPoints:[`js/${name}.ts`], format:"esm"});
  const code = out.outputFiles[0].text;
  for (const [label,c] of [["p3",{passes:3}],["p4u",{passes:4,unsafe_arrows:true,unsafe_methods:true,keep_fargs:false,pure_getters:true,hoist_props:true,toplevel:true,unsafe_math:false}],["p4g",{passes:4,unsafe_arrows:true,unsafe_methods:true,pure_getters:true,reduce_funcs:false}],["p4i",{passes:4,inline:1,reduce_vars:true, unsafe_arrows:true,unsafe_methods:true}]]) {
    const t=Date.now();
    const r = await minify(code,{module:true,ecma:2022,compress:c,mangle:true,format:{ascii_only:false,comments:false}});
    console.log(name,m,code.length,Buffer.byteLength(code),label,Buffer.byteLength(r.code),Date.now()-t);
  }
}
