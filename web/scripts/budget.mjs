// Weighs what the first visit to a page loads (scripts, the map's worker, styles, fonts), compressed,
// and fails above its budget. Also lays a Brotli and a gzip form beside each file for the server.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/**
 * The pages, how much they may load in KB, and whether what they load later counts too: all but
 * what comes `onDemand`, when a person opens it, which has a budget of its own for each part.
 */
const PAGES = [
  {
    entry: "index.html",
    budget: 600,
    later: true,
    onDemand: /^src\/(tools\/\w+|edit)\//,
    each: 40,
  },
  // Who needs help may have a thin network: the map comes only if it is asked for.
  { entry: "sos.html", budget: 120, later: false },
  { entry: "board.html", budget: 600, later: true },
  { entry: "dashboard.html", budget: 600, later: true },
  { entry: "directives.html", budget: 150, later: true },
  { entry: "epidemic.html", budget: 120, later: false },
  { entry: "team.html", budget: 120, later: false },
  { entry: "checkpoint.html", budget: 120, later: false },
  { entry: "declare.html", budget: 120, later: false },
  { entry: "flags.html", budget: 120, later: false },
  { entry: "check-in.html", budget: 120, later: false },
  { entry: "registers.html", budget: 120, later: false },
  { entry: "tracing.html", budget: 120, later: false },
  { entry: "vaccination.html", budget: 120, later: false },
  { entry: "vaccinate.html", budget: 120, later: false },
  { entry: "vaccination-progress.html", budget: 120, later: false },
  { entry: "hotline.html", budget: 120, later: false },
];
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

function compressed(file) {
  const content = readFileSync(new URL(file, dist));
  if (/\.(woff2|png)$/.test(file)) return { brotli: content.length, gzip: content.length };
  const brotli = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
  const gzip = gzipSync(content, { level: 9 });
  if (content.length > 1024) {
    writeFileSync(new URL(`${file}.br`, dist), brotli);
    writeFileSync(new URL(`${file}.gz`, dist), gzip);
  }
  return { brotli: brotli.length, gzip: gzip.length };
}

/**
 * The files of an entry and of all that it imports; with `later`, also of what it imports later.
 * What comes `onDemand` is left out, and its entries are put into `parts`.
 */
function reached(
  entry,
  { later, onDemand },
  parts = new Set(),
  files = new Set(),
  seen = new Set(),
) {
  if (seen.has(entry)) return files;
  seen.add(entry);
  const chunk = manifest[entry];
  for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(file);
  const demanded = (next) => onDemand?.test(next) ?? false;
  const lazy = chunk.dynamicImports ?? [];
  for (const part of lazy.filter(demanded)) parts.add(part);
  const wanted = later ? lazy.filter((next) => !demanded(next)) : [];
  for (const next of [...(chunk.imports ?? []), ...wanted])
    reached(next, { later, onDemand }, parts, files, seen);
  return files;
}

/** What some files weigh together, each written down. */
function weighed(files) {
  let brotli = 0;
  let gzip = 0;
  for (const file of [...files].sort()) {
    if (!existsSync(new URL(file, dist))) throw new Error(`the build has no ${file}`);
    const size = sizes.get(file) ?? compressed(file);
    brotli += size.brotli;
    gzip += size.gzip;
    console.log(`${(size.brotli / 1024).toFixed(1).padStart(8)} KB  ${file}`);
  }
  return { brotli, gzip };
}

/** Fails above a budget in KB. */
function hold(what, { brotli, gzip }, budget) {
  const told = `${kilobytes(brotli)} with Brotli, ${kilobytes(gzip)} with gzip`;
  console.log(`${what}: ${told}; budget ${budget} KB`);
  if (brotli <= budget * 1024) return;
  console.error(`${what} is over its budget.`);
  process.exitCode = 1;
}

const sizes = new Map();
for (const folder of ["", "assets/", "assets/swagger-ui/"])
  for (const name of readdirSync(new URL(folder, dist)))
    if (/\.(js|mjs|css|html|svg|woff2)$/.test(name))
      sizes.set(folder + name, compressed(folder + name));

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;
for (const page of PAGES) {
  const { entry, budget, each } = page;
  const parts = new Set();
  const first = reached(entry, page, parts).add(entry);
  hold(`First visit to ${entry}`, weighed(first), budget);
  for (const part of parts) {
    const more = [...reached(part, page)].filter((file) => !first.has(file));
    hold(`Opening ${part} on ${entry}`, weighed(more), each);
  }
}
