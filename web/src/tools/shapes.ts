// Geometry of what people draw, in longitude and latitude.
import type { Position } from "./geodesic";

const DECIMALS = 6;
/** Degrees by which a boundary may first move when it is simplified: a metre; then so much more. */
const FINEST = 1e-5;
const COARSER = 1.25;

function coordinate(value: number): string {
  return String(Number(value.toFixed(DECIMALS)));
}

/** Positions as the address keeps them: `lon,lat;lon,lat`. */
export function writePath(path: readonly Position[]): string {
  return path.map((position) => position.map(coordinate).join(",")).join(";");
}

/** The positions that `writePath` wrote; null for another text, or for more than `most`. */
export function readPath(text: string, most: number): Position[] | null {
  const path: Position[] = [];
  for (const part of text.split(";")) {
    const [lon, lat, more] = part.split(",").map((one) => (one === "" ? Number.NaN : Number(one)));
    if (lon === undefined || lat === undefined || more !== undefined) return null;
    if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) return null;
    path.push([lon, lat]);
  }
  return path.length <= most ? path : null;
}

/** A ring that ends where it begins. */
export function closed(ring: readonly Position[]): Position[] {
  return ring.concat(ring.slice(0, 1));
}

/** Well-known text of an area. */
export function wkt(geometry: GeoJSON.Polygon | GeoJSON.MultiPolygon): string {
  const polygon = (rings: GeoJSON.Position[][]): string =>
    `(${rings
      .map(
        (ring) =>
          `(${ring.map((position) => position.slice(0, 2).map(coordinate).join(" ")).join(",")})`,
      )
      .join(",")})`;
  return geometry.type === "Polygon"
    ? `POLYGON${polygon(geometry.coordinates)}`
    : `MULTIPOLYGON(${geometry.coordinates.map(polygon).join(",")})`;
}

/** Which side of the line through two positions a third is on: its sign. */
function side(a: readonly number[], b: readonly number[], c: readonly number[]): number {
  const [ax = 0, ay = 0] = a;
  const [bx = 0, by = 0] = b;
  const [cx = 0, cy = 0] = c;
  return Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
}

/** Whether sides of a ring cross each other; `ring` does not repeat its first position. */
export function crossesItself(ring: readonly (readonly number[])[]): boolean {
  const corner = (at: number): readonly number[] => ring[at % ring.length] ?? [];
  for (let i = 0; i < ring.length; i++)
    for (let j = i + 2; j < ring.length; j++) {
      if (i === 0 && j === ring.length - 1) continue;
      const [a, b, c, d] = [corner(i), corner(i + 1), corner(j), corner(j + 1)];
      if (side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)) return true;
    }
  return false;
}

/** The square of the distance from a position to a straight piece. */
function offside(point: readonly number[], from: readonly number[], to: readonly number[]): number {
  const [px = 0, py = 0] = point;
  const [fx = 0, fy = 0] = from;
  const [tx = 0, ty = 0] = to;
  const [dx, dy] = [tx - fx, ty - fy];
  const length = dx * dx + dy * dy;
  const share =
    length === 0 ? 0 : Math.min(1, Math.max(0, ((px - fx) * dx + (py - fy) * dy) / length));
  return (px - fx - share * dx) ** 2 + (py - fy - share * dy) ** 2;
}

/** A line without the corners that lie within a tolerance of it (Douglas and Peucker). */
function thinned(line: GeoJSON.Position[], tolerance: number): GeoJSON.Position[] {
  const keep = new Set([0, line.length - 1]);
  const waiting: [number, number][] = [[0, line.length - 1]];
  for (let piece = waiting.pop(); piece; piece = waiting.pop()) {
    const [from, to] = piece;
    let [most, farthest] = [tolerance ** 2, -1];
    for (let at = from + 1; at < to; at++) {
      const off = offside(line[at] ?? [], line[from] ?? [], line[to] ?? []);
      if (off > most) [most, farthest] = [off, at];
    }
    if (farthest < 0) continue;
    keep.add(farthest);
    waiting.push([from, farthest], [farthest, to]);
  }
  return line.filter((_, at) => keep.has(at));
}

/** A closed ring thinned in two halves, so that it keeps an extent; null if nothing is left. */
function thinnedRing(ring: GeoJSON.Position[], tolerance: number): GeoJSON.Position[] | null {
  const half = Math.floor(ring.length / 2);
  const found = [
    ...thinned(ring.slice(0, half + 1), tolerance),
    ...thinned(ring.slice(half), tolerance).slice(1),
  ];
  return found.length < 4 ? null : found;
}

/**
 * An area of at most so many corners: its boundary simplified, its smallest parts left out.
 *
 * @returns the area and whether anything was changed.
 */
export function simplified(
  geometry: GeoJSON.Polygon | GeoJSON.MultiPolygon,
  most: number,
): { geometry: GeoJSON.MultiPolygon; changed: boolean } {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const corners = (of: GeoJSON.Position[][][]): number =>
    of.flat().reduce((n, ring) => n + ring.length, 0);
  const fits = (of: GeoJSON.Position[][][]): boolean =>
    corners(of) <= most && !of.flat().some((ring) => crossesItself(ring.slice(0, -1)));
  if (corners(polygons) <= most)
    return { geometry: { type: "MultiPolygon", coordinates: polygons }, changed: false };
  let coordinates = polygons;
  for (let tolerance = FINEST; !fits(coordinates); tolerance *= COARSER)
    coordinates = polygons.flatMap(([outer = [], ...holes]) => {
      const shell = thinnedRing(outer, tolerance);
      if (!shell) return [];
      const left = holes
        .map((hole) => thinnedRing(hole, tolerance))
        .filter((ring) => ring !== null);
      return [[shell, ...left]];
    });
  return { geometry: { type: "MultiPolygon", coordinates }, changed: true };
}
