// After vite build: compressed copies beside the files (net::static_files sends them), and the size of the first page.
// usage: node scripts/finish-build.mjs [FOLDER]
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = process.argv[2] ?? process.env.KYSO_WEB_OUT ?? new URL("../../../build/web/portal", import.meta.url).pathname;
// What a slow office computer has to fetch before it shows the first page; the goal of the portal.
const budget = 300_000;
const compressible = /\.(?:html|css|js|mjs|svg|json|txt|wasm)$/;

function filesBelow(path) {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)]));
}

const sizes = new Map(); // name → bytes with gzip, which every browser takes
for (const file of filesBelow(folder)) {
  if (!compressible.test(file)) continue;
  const content = readFileSync(file);
  const gzip = gzipSync(content, { level: 9 });
  sizes.set(relative(folder, file), gzip.length);
  if (gzip.length >= content.length) continue;
  const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } });
  const { atime, mtime } = statSync(file);
  for (const [suffix, bytes] of [[".gz", gzip], [".br", brotli]]) {
    writeFileSync(file + suffix, bytes);
    utimesSync(file + suffix, atime, mtime);
  }
}

// The first page: index.html, its script with all that it imports, their styles, and the same of the page at "/".
const manifest = JSON.parse(readFileSync(join(folder, ".vite/manifest.json"), "utf8"));
function needs(key, found = new Set()) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`no ${key} in the manifest`);
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const style of chunk.css ?? []) found.add(style);
  for (const other of chunk.imports ?? []) needs(other, found);
  return found;
}
const first = needs("index.html");
needs("src/public/home-page.tsx", first);
needs("src/i18n/locales/vi/public.json", first);
first.add("index.html");
const total = [...first].reduce((sum, file) => sum + (sizes.get(file) ?? statSync(join(folder, file)).size), 0);
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
if (process.env.KYSO_WEB_VERBOSE) for (const file of first) console.log(`  ${kilobytes(sizes.get(file) ?? 0).padStart(10)}  ${file}`);
console.log(`first page: ${kilobytes(total)} compressed with gzip, at most ${kilobytes(budget)}`);
if (total > budget) {
  console.error("The first page is too large: load what it does not show at once with import().");
  process.exit(1);
}
