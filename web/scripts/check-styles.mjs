// Checks styles/*.json: each is a valid MapLibre style of its own layer, and names only fonts and
// symbols that are there.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";

const styles = new URL("../../styles/", import.meta.url);
const symbols = JSON.parse(readFileSync(new URL("sprite.json", styles), "utf8"));
const names = Object.keys(symbols);

/** Every string inside a value, however deep. */
function strings(value) {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(strings);
}

function faults(id, style) {
  const found = validateStyleMin(style).map((error) => error.message);
  const source = style.sources[id];
  if (source?.url !== `/ogc/collections/${id}/tiles/WebMercatorQuad?f=tilejson`)
    found.push(`its source ${id} must be the layer's own tiles`);
  for (const layer of style.layers) {
    if (layer.type !== "background" && layer["source-layer"] !== id)
      found.push(`layer ${layer.id}: source-layer must be ${id}`);
    for (const font of layer.layout?.["text-font"] ?? [])
      if (!existsSync(new URL(`fonts/${font}/0-255.pbf`, styles)))
        found.push(`layer ${layer.id}: no font ${font}`);
    // A name ending in "-" is the start of a composed one, so it has to begin one that exists.
    for (const text of strings(layer.layout?.["icon-image"]))
      if (
        /^[a-z]+-/.test(text) &&
        !names.some((name) => name === text || (text.endsWith("-") && name.startsWith(text)))
      )
        found.push(`layer ${layer.id}: no symbol ${text}`);
  }
  const legend = style.metadata?.["dieuhanh:legend"] ?? [];
  if (legend.length === 0) found.push("it has no legend");
  for (const entry of legend) {
    if (!entry.label?.vi || !entry.label?.en) found.push("a legend entry lacks a label");
    if (entry.icon ? !names.includes(entry.icon) : !entry.color)
      found.push(`legend entry ${entry.label?.en}: no such symbol, and no colour`);
  }
  return found;
}

for (const file of readdirSync(styles).filter((name) => name.endsWith(".json"))) {
  if (file.startsWith("sprite")) continue;
  const style = JSON.parse(readFileSync(new URL(file, styles), "utf8"));
  for (const fault of faults(file.slice(0, -5), style)) {
    console.error(`styles/${file}: ${fault}`);
    process.exitCode = 1;
  }
}
