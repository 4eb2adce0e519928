// Paper, its dots and its scale. Lengths are millimetres unless a name says otherwise.

export const MM_PER_INCH = 25.4;
/** Pixels of CSS in an inch: what a symbol's size on the map is measured in. */
export const CSS_DPI = 96;
/** Metres around the equator of the sphere that Web Mercator takes the earth for. */
const EQUATOR_M = 2 * Math.PI * 6378137;
/** Pixels across the whole world at zoom 0. */
const WORLD_PX = 512;

export const PAPERS = ["A4", "A3"] as const;
export const ORIENTATIONS = ["landscape", "portrait"] as const;
export const RESOLUTIONS = [150, 200, 300] as const;
export type Paper = (typeof PAPERS)[number];
export type Orientation = (typeof ORIENTATIONS)[number];

const SHORT_SIDE: Record<Paper, number> = { A4: 210, A3: 297 };
const LONG_SIDE: Record<Paper, number> = { A4: 297, A3: 420 };

export interface Size {
  width: number;
  height: number;
}

/** The size of a sheet. */
export function sheetSize(paper: Paper, orientation: Orientation): Size {
  const [short, long] = [SHORT_SIDE[paper], LONG_SIDE[paper]];
  return orientation === "portrait"
    ? { width: short, height: long }
    : { width: long, height: short };
}

/** How many dots a length has. */
export function dots(mm: number, dpi: number): number {
  return Math.round((mm / MM_PER_INCH) * dpi);
}

/** Metres on the ground of one CSS pixel, at a latitude in degrees. */
export function groundResolution(zoom: number, latitude: number): number {
  return (EQUATOR_M * Math.cos((latitude * Math.PI) / 180)) / (WORLD_PX * 2 ** zoom);
}

const CSS_PX_M = MM_PER_INCH / 1000 / CSS_DPI;

/** The n of the scale 1:n that a zoom has on paper, at a latitude. */
export function scaleOf(zoom: number, latitude: number): number {
  return groundResolution(zoom, latitude) / CSS_PX_M;
}

/** The zoom at which a map has the scale 1:n on paper, at a latitude. */
export function zoomOf(scale: number, latitude: number): number {
  return Math.log2(scaleOf(0, latitude) / scale);
}

/** Scales that people print at. */
export const SCALES = [
  5_000, 10_000, 15_000, 20_000, 25_000, 50_000, 75_000, 100_000, 150_000, 200_000, 250_000,
  300_000, 400_000, 500_000, 600_000, 750_000, 800_000, 900_000, 1_000_000, 1_250_000, 1_500_000,
  2_000_000,
] as const;

/** The first of the usual scales at which at least as much is seen. */
export function usualScale(scale: number): number {
  return SCALES.find((one) => one >= scale) ?? Math.ceil(scale / 1_000_000) * 1_000_000;
}

/** The longest bar of a round length on the ground that is no longer than this on paper. */
export function scaleBar(scale: number, longest: number): { metres: number; mm: number } {
  const most = (longest / 1000) * scale;
  const power = 10 ** Math.floor(Math.log10(most));
  const metres = ([5, 2, 1].find((digit) => digit * power <= most) ?? 1) * power;
  return { metres, mm: (metres / scale) * 1000 };
}
