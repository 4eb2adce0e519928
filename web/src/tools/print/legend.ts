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
const SMALLEST = 3.5;
/** How many times as wide as high a line is to be, for labels of common length. */
const WIDE = 9;
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
  return Math.min(highest, balanced(linesOf(parts), columns) * LINES[0] + 2);
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
  const fits = (height: number): boolean =>
    (flowed(lines, rowsAt(height)).at(-1)?.column ?? 0) < box.columns;
  const width = (box.width - GAP * (box.columns - 1)) / box.columns;
  const line = LINES.find((height) => height <= width / WIDE && fits(height)) ?? SMALLEST;
  const rows = Math.min(rowsAt(line), balanced(lines, box.columns));
  const at = ({ column, row }: Cell): [number, number] => [
    box.x + column * (width + GAP),
    box.y + row * line,
  ];
  const cells = flowed(lines, rows);
  // Where not all fits, the last line says how much is left.
  const last = { column: box.columns - 1, row: rows - 1 };
  const beyond = cells.findIndex(({ column }) => column >= box.columns);
  const shown = beyond < 0 ? cells : cells.slice(0, beyond).filter((cell) => !same(cell, last));
  for (const cell of shown) drawLine(pen, cell.line, ...at(cell), width, line, icons);
  if (shown.length === cells.length) return;
  const [x, y] = at(last);
  pen.write(more(cells.length - shown.length), x, y + 0.65 * line, { size: line * 0.62 });
}

/** The fewest rows with which the lines fit into so many columns. */
function balanced(lines: readonly Line[], columns: number): number {
  let rows = Math.ceil(lines.length / columns);
  while ((flowed(lines, rows).at(-1)?.column ?? 0) >= columns) rows++;
  return rows;
}

interface Cell {
  column: number;
  row: number;
}

function same(one: Cell, other: Cell): boolean {
  return one.column === other.column && one.row === other.row;
}

/** The lines in columns of so many rows; no heading is left alone at the foot of one. */
export function flowed(lines: readonly Line[], rows: number): (Cell & { line: Line })[] {
  let column = 0;
  let row = 0;
  return lines.map((line) => {
    if (row >= rows || ("title" in line && row === rows - 1)) {
      column++;
      row = 0;
    }
    return { line, column, row: row++ };
  });
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
