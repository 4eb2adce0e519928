import { drawLegend, type LegendPart, shortened } from "./legend";
import { canvasOf, type DrawnMap, drawMap, type MapPart } from "./offscreen";
import {
  dots,
  MM_PER_INCH,
  type Orientation,
  type Paper,
  type Size,
  scaleBar,
  sheetSize,
} from "./paper";
import type { PlacedText } from "./pdf";
import { Pen } from "./pen";
import { type Places, placesOf } from "./places";

/** Paper is white, whatever the colours of the page. */
const COLOURS = {
  paper: "#ffffff",
  ink: "#17242f",
  soft: "#4d5d6a",
  line: "#8a99a3",
  caution: "#6b4700",
  cautionSurface: "#fff4d9",
  cautionLine: "#e4c476",
} as const;

/** What is on the sheet, in the language in use. */
export interface SheetWords {
  title: string;
  /** Times, filters: what narrows the layers. */
  conditions: string[];
  legend: string;
  legendMore(left: number): string;
  north: string;
  synthetic: string | null;
  scale: string;
  /** When it was made, from what. */
  footer: string[];
  distance(metres: number): string;
}

export interface SheetPlan {
  paper: Paper;
  orientation: Orientation;
  dpi: number;
  scale: number;
  legend: readonly LegendPart[];
  words: SheetWords;
  map: Omit<MapPart, "size" | "dpi" | "icons">;
}

export interface DrawnSheet {
  canvas: HTMLCanvasElement;
  texts: readonly PlacedText[];
  size: Size;
}

/** The size of the map on a sheet. */
export function mapSize(plan: Omit<SheetPlan, "map" | "scale" | "dpi">): Size {
  const { paper, orientation, legend, words } = plan;
  return placesOf(paper, orientation, legend, words.conditions.length).map;
}

/**
 * Draws a sheet.
 *
 * @throws TooLarge, or what `drawMap` throws.
 */
export async function drawSheet(plan: SheetPlan, signal: AbortSignal): Promise<DrawnSheet> {
  const size = sheetSize(plan.paper, plan.orientation);
  const pixels = { width: dots(size.width, plan.dpi), height: dots(size.height, plan.dpi) };
  // First, since it fails at once where the whole cannot be had.
  const [canvas, context] = canvasOf(pixels);
  const letters = `a${plan.words.title}${plan.words.footer.join("")}`;
  await Promise.all(
    ["400", "600"].map((weight) => document.fonts.load(`${weight} 16px "Be Vietnam Pro"`, letters)),
  );
  const { paper, orientation, legend, words } = plan;
  const places = placesOf(paper, orientation, legend, words.conditions.length);
  const icons = new Set(
    legend.flatMap(({ entries }) => entries.map(({ entry }) => entry.icon ?? "")),
  );
  const map = await drawMap({ ...plan.map, size: places.map, dpi: plan.dpi, icons }, signal);
  const pen = new Pen(context, plan.dpi / MM_PER_INCH, COLOURS.ink);
  pen.fill(0, 0, size.width, size.height, COLOURS.paper);
  drawHeader(pen, places, words);
  drawFrame(pen, places, map, words);
  if (legend.length > 0) {
    const { x, y, width, height, columns } = places.legend;
    const { factor } = places;
    pen.write(words.legend, x, y + 4.5 * factor, { size: 3.8 * factor, strong: true });
    const box = { x, y: y + 7 * factor, width, height: height - 7 * factor, columns };
    drawLegend(pen, legend, box, map.icons, words.legendMore);
  }
  drawFooter(pen, places, plan.scale, words);
  return { canvas, texts: pen.texts, size };
}

function drawHeader(pen: Pen, { header, factor }: Places, words: SheetWords): void {
  let room = header.width;
  if (words.synthetic !== null) {
    const style = { size: 3.2 * factor, strong: true, colour: COLOURS.caution };
    const width = pen.measure(words.synthetic, style) + 5 * factor;
    const [x, y] = [header.x + header.width - width, header.y];
    pen.pill(x, y, width, 5.6 * factor, COLOURS.cautionSurface, COLOURS.cautionLine);
    pen.write(words.synthetic, x + 2.5 * factor, y + 3.9 * factor, style);
    room -= width + 4;
  }
  const style = { size: 6 * factor, strong: true };
  pen.write(shortened(pen, words.title, room, style), header.x, header.y + 6 * factor, style);
  for (const [index, text] of words.conditions.entries()) {
    const small = { size: 3.1 * factor, colour: COLOURS.soft };
    const baseline = header.y + (11.5 + index * 4.4) * factor;
    pen.write(shortened(pen, text, header.width, small), header.x, baseline, small);
  }
}

function drawFrame(pen: Pen, { map: box, factor }: Places, map: DrawnMap, words: SheetWords): void {
  pen.picture(map.canvas, box.x, box.y, map.size.width, map.size.height);
  pen.frame(box.x, box.y, map.size.width, map.size.height, 0.3, COLOURS.ink);
  const [x, y] = [box.x + map.size.width - 8 * factor, box.y + 3 * factor];
  pen.disc(x, y + 6 * factor, 6.4 * factor, "rgb(255 255 255 / 85%)");
  const point = (dx: number, dy: number): [number, number] => [x + dx * factor, y + dy * factor];
  pen.shape([point(0, 4), point(-2.4, 10.6), point(0, 9.2)], COLOURS.ink);
  pen.shape([point(0, 4), point(2.4, 10.6), point(0, 9.2)], COLOURS.line);
  pen.write(words.north, x, y + 3.4 * factor, {
    size: 2.8 * factor,
    strong: true,
    align: "center",
  });
}

function drawFooter(pen: Pen, { footer, factor }: Places, scale: number, words: SheetWords): void {
  const { x, y, width } = footer;
  const bar = scaleBar(scale, 60 * factor);
  const thick = 1.4 * factor;
  const top = y + 7.6 * factor;
  pen.write(words.scale, x, y + 4 * factor, { size: 3.4 * factor, strong: true });
  pen.fill(x, top, bar.mm / 2, thick, COLOURS.ink);
  pen.frame(x, top, bar.mm, thick, 0.25, COLOURS.ink);
  const small = { size: 2.6 * factor, colour: COLOURS.soft };
  const below = top + thick + 3 * factor;
  pen.write("0", x, below, small);
  pen.write(words.distance(bar.metres / 2), x + bar.mm / 2, below, { ...small, align: "center" });
  pen.write(words.distance(bar.metres), x + bar.mm, below, { ...small, align: "center" });
  const left = 75 * factor;
  for (const [index, text] of words.footer.entries())
    pen.write(shortened(pen, text, width - left, small), x + width, y + (4 + index * 4) * factor, {
      ...small,
      align: "right",
    });
}
