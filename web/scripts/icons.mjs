// Draws src/mark.svg as the icons of the installed page: public/assets/icon-*.png.
// With --check it writes nothing and fails if what is there is not what the mark makes.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";

const folder = new URL("../public/assets/", import.meta.url);
const mark = readFileSync(new URL("../src/mark.svg", import.meta.url), "utf8");
const drawing = /^<svg [^>]*viewBox="0 0 32 32">\s*([\s\S]*?)\s*<\/svg>\s*$/.exec(mark)?.[1];
const ground = /<rect [^>]*fill="(#\w+)"/.exec(drawing ?? "")?.[1];
if (!drawing || !ground) throw new Error("src/mark.svg: no view box 0 0 32 32 with a ground");

/** The mark on a ground without corners; what systems cut off a maskable icon is ground alone. */
function full(margin) {
  const scale = (32 - 2 * margin) / 32;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">` +
    `<rect width="32" height="32" fill="${ground}"/>` +
    `<g transform="translate(${margin} ${margin}) scale(${scale})">${drawing}</g></svg>`
  );
}

const ICONS = {
  "icon-192.png": [mark, 192],
  "icon-512.png": [mark, 512],
  "icon-maskable-192.png": [full(4), 192],
  "icon-maskable-512.png": [full(4), 512],
  "icon-apple-180.png": [full(1), 180],
};

const check = process.argv.includes("--check");
if (!check) mkdirSync(folder, { recursive: true });
for (const [name, [svg, side]] of Object.entries(ICONS)) {
  const picture = new Resvg(svg, { fitTo: { mode: "width", value: side } }).render().asPng();
  const file = new URL(name, folder);
  if (!check) writeFileSync(file, picture);
  else if (!readFileSync(file).equals(picture)) {
    console.error(`${fileURLToPath(file)} is out of date: run npm run icons`);
    process.exitCode = 1;
  }
}
