// Packs styles/symbols/*.svg into the sprites that maps load: sprite.json and sprite.png, plain and @2x.
// With --check it writes nothing and fails if what is there is not what the symbols make.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Resvg } from "@resvg/resvg-js";

const styles = new URL("../../styles/", import.meta.url);
const SIZE = 24;
const GAP = 1;
const ACROSS = 8;

function symbols() {
  const folder = new URL("symbols/", styles);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".svg"))
    .sort()
    .map((file) => {
      const text = readFileSync(new URL(file, folder), "utf8");
      const drawing = /^<svg [^>]*viewBox="0 0 24 24">\s*([\s\S]*?)\s*<\/svg>\s*$/.exec(text);
      if (!drawing) throw new Error(`${file}: not an SVG with the view box 0 0 24 24`);
      return { name: file.slice(0, -4), drawing: drawing[1] };
    });
}

function place(index) {
  const step = SIZE + GAP;
  return { x: (index % ACROSS) * step, y: Math.floor(index / ACROSS) * step };
}

function sprite(all, ratio) {
  const step = SIZE + GAP;
  const width = Math.min(all.length, ACROSS) * step;
  const height = Math.ceil(all.length / ACROSS) * step;
  const parts = all.map(({ drawing }, index) => {
    const { x, y } = place(index);
    return `<g transform="translate(${x} ${y})">${drawing}</g>`;
  });
  const sheet =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `${parts.join("")}</svg>`;
  const picture = new Resvg(sheet, { fitTo: { mode: "zoom", value: ratio } }).render().asPng();
  const index = Object.fromEntries(
    all.map(({ name }, at) => {
      const { x, y } = place(at);
      const side = SIZE * ratio;
      return [name, { x: x * ratio, y: y * ratio, width: side, height: side, pixelRatio: ratio }];
    }),
  );
  return { picture, index: `${JSON.stringify(index, null, 1)}\n` };
}

const check = process.argv.includes("--check");
const all = symbols();
for (const [ratio, suffix] of [
  [1, ""],
  [2, "@2x"],
]) {
  const { picture, index } = sprite(all, ratio);
  for (const [extension, content] of [
    ["png", picture],
    ["json", Buffer.from(index)],
  ]) {
    const file = new URL(`sprite${suffix}.${extension}`, styles);
    if (!check) writeFileSync(file, content);
    else if (!readFileSync(file).equals(content)) {
      console.error(`${fileURLToPath(file)} is out of date: run npm run sprites`);
      process.exitCode = 1;
    }
  }
}
