// Makes dist/: the page's script, DuckDB's engine and worker, the style, and the licences of all that is inside.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const DUCKDB = "node_modules/@duckdb/duckdb-wasm/dist";
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");

// one classic script: a page that is opened as a file runs no modules, and must be able to say what it needs
const made = await build({
  entryPoints: ["src/sql.js"],
  outfile: "dist/sql.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "none",
  metafile: true,
});

// the engine for browsers with WebAssembly exceptions: all since 2022; it asks for no shared memory, so for no special headers
for (const name of ["duckdb-eh.wasm", "duckdb-browser-eh.worker.js"]) copyFileSync(`${DUCKDB}/${name}`, `dist/${name}`);
copyFileSync("src/sql.css", "dist/sql.css");

const bundled = new Set(
  Object.keys(made.metafile.inputs)
    .map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
    .filter(Boolean),
);
const licences = [...bundled].sort().map((name) => {
  const folder = `node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file && existsSync(`${folder}/${file}`) ? readFileSync(`${folder}/${file}`, "utf8").trim() : "";
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync("dist/licences.txt", licences.join(`\n${"-".repeat(80)}\n\n`));
