import type { LegendEntry } from "../../map/compose";
import type { Pen, TextStyle } from "./pen";

/** A layer's part of the legend, in the language in use. */
export interface LegendPart {
  title: string;
  entries: { entry: LegendEntry; label: string }[];
}

export interface LegendBox {
  x: number;
  y: number;
  width: number;
  height: number;
  columns: number;
}

type Line = { title: string } | LegendPart["entries"][number];

const GAP = 4;
/** The heights of a line that are tried, from comfortable to the smallest that can be read. */
const LINES = [5, 4.6, 4.2, 3.8, 3.5] as const;
const COMFORTABLE = 4.2;

function linesOf(parts: readonly LegendPart[]): Line[] {
  return parts.flatMap(({ title, entries }) =>
    // A layer with one symbol needs no heading above it.
    entries.length === 1 && entries[0]
      ? [{ ...entries[0], label: title }]
      : [{ title }, ...entries],
  );
}

/** Columns of a legend beside the map: a second one where lines would be too small in one. */
export function legendColumns(parts: readonly LegendPart[], height: number): number {
  return linesOf(parts).length > Math.floor(height / COMFORTABLE) ? 2 : 1;
}

/** How high a legend of so many columns has to be, up to a limit. */
export function legendHeight(
  parts: readonly LegendPart[],
  columns: number,
  highest: number,
): number {
  const rows = Math.ceil(linesOf(parts).length / columns);
  return Math.min(highest, rows * (LINES[0] ?? 5) + 2);
}

/** Draws the legend into a box: smaller where it is long, and saying so where not all fits. */
export function drawLegend(
  pen: Pen,
  parts: readonly LegendPart[],
  box: LegendBox,
  icons: ReadonlyMap<string, HTMLCanvasElement>,
  more: (left: number) => string,
): void {
  const lines = linesOf(parts);
  const rowsAt = (height: number): number => Math.floor(box.height / height);
  const line = LINES.find((height) => rowsAt(height) * box.columns >= lines.length) ?? 3.5;
  const rows = rowsAt(line);
  const room = rows * box.columns;
  const left = lines.length > room ? lines.length - room + 1 : 0;
  const width = (box.width - GAP * (box.columns - 1)) / box.columns;
  for (const [index, one] of lines.slice(0, lines.length - left).entries()) {
    const x = box.x + Math.floor(index / rows) * (width + GAP);
    const y = box.y + (index % rows) * line;
    drawLine(pen, one, x, y, width, line, icons);
  }
  if (left > 0) {
    const x = box.x + (box.columns - 1) * (width + GAP);
    pen.write(more(left), x, box.y + (rows - 0.35) * line, { size: line * 0.62 });
  }
}

function drawLine(
  pen: Pen,
  one: Line,
  x: number,
  y: number,
  width: number,
  height: number,
  icons: ReadonlyMap<string, HTMLCanvasElement>,
): void {
  const baseline = y + height * 0.7;
  if ("title" in one) {
    const style = { size: height * 0.66, strong: true };
    pen.write(shortened(pen, one.title, width, style), x, baseline, style);
    return;
  }
  drawSample(pen, one.entry, x, y, height, icons);
  const style = { size: height * 0.62 };
  const indent = height * 1.35;
  pen.write(shortened(pen, one.label, width - indent, style), x + indent, baseline, style);
}

function drawSample(
  pen: Pen,
  entry: LegendEntry,
  x: number,
  y: number,
  height: number,
  icons: ReadonlyMap<string, HTMLCanvasElement>,
): void {
  const size = height * 0.86;
  const icon = entry.icon ? icons.get(entry.icon) : undefined;
  if (icon) {
    const scale = size / Math.max(icon.width, icon.height);
    const [w, h] = [icon.width * scale, icon.height * scale];
    pen.picture(icon, x + (size - w) / 2, y + (height - h) / 2, w, h);
    return;
  }
  const colour = entry.color ?? "#888888";
  const middle = y + height / 2;
  if (entry.shape === "line" || entry.shape === "dash")
    pen.line(x, middle, size, 0.6, colour, entry.shape === "dash");
  else if (entry.shape === "area") pen.fill(x, middle - size * 0.35, size, size * 0.7, colour);
  else pen.disc(x + size / 2, middle, size * 0.36, colour);
}

/** A text that fits into a width, cut with an ellipsis where it must be. */
export function shortened(pen: Pen, text: string, width: number, style: TextStyle): string {
  if (pen.measure(text, style) <= width) return text;
  let kept = text;
  while (kept.length > 1 && pen.measure(`${kept}…`, style) > width) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}
