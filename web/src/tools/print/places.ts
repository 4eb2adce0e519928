import { type LegendPart, legendColumns, legendHeight } from "./legend";
import { type Orientation, type Paper, type Size, sheetSize } from "./paper";

const MARGIN = 10;

export interface Box extends Size {
  x: number;
  y: number;
}

export interface Places {
  header: Box;
  map: Box;
  legend: Box & { columns: number };
  footer: Box;
  /** How much larger letters are than on A4. */
  factor: number;
}

/** Where the parts of a sheet are, in millimetres. */
export function placesOf(
  paper: Paper,
  orientation: Orientation,
  legend: readonly LegendPart[],
  conditions: number,
): Places {
  const page = sheetSize(paper, orientation);
  const factor = paper === "A3" ? 1.25 : 1;
  const inner = page.width - 2 * MARGIN;
  const header = { x: MARGIN, y: MARGIN, width: inner, height: (9 + conditions * 4.4) * factor };
  const footer = {
    x: MARGIN,
    y: page.height - MARGIN - 14 * factor,
    width: inner,
    height: 14 * factor,
  };
  const top = header.y + header.height + 2;
  const room = footer.y - 2 - top;
  if (orientation === "landscape") {
    const columns = legendColumns(legend, room - 7 * factor);
    const width = legend.length > 0 ? (columns === 2 ? 80 : 52) * factor : 0;
    const map = { x: MARGIN, y: top, width: inner - width - (width > 0 ? 4 : 0), height: room };
    return {
      header,
      footer,
      map,
      legend: { x: page.width - MARGIN - width, y: top, width, height: room, columns },
      factor,
    };
  }
  const columns = 3;
  const height = legend.length > 0 ? legendHeight(legend, columns, room * 0.3) + 7 * factor : 0;
  return {
    header,
    footer,
    map: { x: MARGIN, y: top, width: inner, height: room - height - (height > 0 ? 2 : 0) },
    legend: { x: MARGIN, y: footer.y - 2 - height, width: inner, height, columns },
    factor,
  };
}
