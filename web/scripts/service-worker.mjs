// Builds src/sw.ts as dist/sw.js, with the list of the files of the pages that open without a network.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

/** The pages: their entry in the build's manifest, and their address. */
const PAGES = {
  "sos.html": "/sos",
  "team.html": "/team",
  "checkpoint.html": "/checkpoint",
  "declare.html": "/declare",
  "check-in.html": "/check-in",
  "vaccinate.html": "/vaccinate",
};
const BESIDE = [
  "manifest.webmanifest",
  "team.webmanifest",
  "declare.webmanifest",
  "assets/icon-192.png",
  "assets/theme.js",
];

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const revision = (file) =>
  createHash("sha256")
    .update(readFileSync(new URL(file, dist)))
    .digest("hex")
    .slice(0, 16);

/** The files that an entry loads at once; what it loads later is not kept ahead. */
function loaded(name, files = new Set(), seen = new Set()) {
  if (seen.has(name)) return files;
  seen.add(name);
  const chunk = manifest[name];
  for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])])
    if (!file.endsWith(".html")) files.add(file);
  for (const next of chunk.imports ?? []) loaded(next, files, seen);
  return files;
}

const precache = [];
// Of the pages that the worker keeps as the server wrote them last.
const files = loaded("src/consult/page.ts", loaded("src/ogc.ts"));
for (const [entry, url] of Object.entries(PAGES)) {
  precache.push({ url, revision: revision(entry) });
  loaded(entry, files);
}
// The names of built files hold a digest of what is in them.
for (const file of [...files].sort()) precache.push({ url: `/${file}`, revision: null });
for (const file of BESIDE) precache.push({ url: `/${file}`, revision: revision(file) });

await build({
  configFile: false,
  root: fileURLToPath(new URL("..", import.meta.url)),
  publicDir: false,
  logLevel: "warn",
  define: {
    PRECACHE: JSON.stringify(precache),
    "process.env.NODE_ENV": JSON.stringify("production"),
  },
  build: {
    target: "es2022",
    emptyOutDir: false,
    rolldownOptions: {
      input: "src/sw.ts",
      output: { format: "iife", entryFileNames: "sw.js" },
    },
  },
});
console.log(`dist/sw.js keeps ${precache.length} files`);
