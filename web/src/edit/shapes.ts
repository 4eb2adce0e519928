// Geometries as people edit them: vertex by vertex. Nothing here changes what it is given.

export type Position = [lon: number, lat: number];
type Simple = Exclude<GeoJSON.Geometry, GeoJSON.GeometryCollection>;

/** A vertex, and where it is in the coordinates; the last vertex of a ring is its first. */
export interface Vertex {
  path: number[];
  at: Position;
}

const DECIMALS = 1e7;
const EARTH_M = 6_371_008.8;

/** A position as it is stored: to 7 decimals of a degree. */
export function rounded([lon, lat]: Position): Position {
  return [Math.round(lon * DECIMALS) / DECIMALS, Math.round(lat * DECIMALS) / DECIMALS];
}

/** How far two positions are apart, in metres, along a great circle. */
export function metres(a: Position, b: Position): number {
  const [lon1, lat1, lon2, lat2] = [...a, ...b].map((degrees) => (degrees * Math.PI) / 180);
  const [x1, y1, x2, y2] = [lon1 ?? 0, lat1 ?? 0, lon2 ?? 0, lat2 ?? 0];
  const half =
    Math.sin((y2 - y1) / 2) ** 2 + Math.cos(y1) * Math.cos(y2) * Math.sin((x2 - x1) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** The position of a point; null for any other geometry. */
export function pointOf(geometry: GeoJSON.Geometry | null): Position | null {
  if (geometry?.type !== "Point") return null;
  const [lon = 0, lat = 0] = geometry.coordinates;
  return [lon, lat];
}

export function point(at: Position): GeoJSON.Point {
  return { type: "Point", coordinates: rounded(at) };
}

function isSimple(geometry: GeoJSON.Geometry): geometry is Simple {
  return geometry.type !== "GeometryCollection";
}

/** Whether the lines of a geometry are rings, whose first vertex comes again at their end. */
function isClosed(geometry: Simple): boolean {
  return geometry.type === "Polygon" || geometry.type === "MultiPolygon";
}

function isPosition(part: unknown): part is Position {
  return Array.isArray(part) && typeof part[0] === "number";
}

/** The lines of a geometry, with where they are. A point is no line. */
function lines(geometry: GeoJSON.Geometry): { path: number[]; line: Position[] }[] {
  const found: { path: number[]; line: Position[] }[] = [];
  const visit = (part: unknown, path: number[]): void => {
    if (!Array.isArray(part) || isPosition(part)) return;
    if (part.every(isPosition)) found.push({ path, line: part });
    else for (const [at, inner] of part.entries()) visit(inner, [...path, at]);
  };
  if (isSimple(geometry)) visit(geometry.coordinates, []);
  return found;
}

/** The vertices that can be moved; those that close rings are not among them. */
export function vertices(geometry: GeoJSON.Geometry): Vertex[] {
  const alone = pointOf(geometry);
  if (alone) return [{ path: [], at: alone }];
  return lines(geometry).flatMap(({ path, line }) => {
    const own = isSimple(geometry) && isClosed(geometry) ? line.slice(0, -1) : line;
    return own.map((at, index) => ({ path: [...path, index], at }));
  });
}

/** The middles between neighbouring vertices; `path` is where a vertex put there would be. */
export function middles(geometry: GeoJSON.Geometry): Vertex[] {
  if (geometry.type === "Point" || geometry.type === "MultiPoint") return [];
  return lines(geometry).flatMap(({ path, line }) =>
    line.slice(1).map((to, index): Vertex => {
      const from = line[index] ?? to;
      const at: Position = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
      return { path: [...path, index + 1], at };
    }),
  );
}

function changed(
  geometry: GeoJSON.Geometry,
  path: number[],
  change: (line: Position[], index: number) => Position[] | null,
): GeoJSON.Geometry | null {
  if (!isSimple(geometry)) return geometry;
  const closed = isClosed(geometry);
  let kept = true;
  const visit = (part: unknown, [first = 0, ...rest]: number[]): unknown => {
    const inner = part as unknown[];
    if (rest.length > 0) return inner.map((one, at) => (at === first ? visit(one, rest) : one));
    const line = (closed ? inner.slice(0, -1) : inner) as Position[];
    const next = change(line, first);
    kept = next !== null;
    const open = next ?? line;
    return closed && open[0] ? [...open, open[0]] : open;
  };
  const coordinates = visit(geometry.coordinates, path);
  return kept ? ({ ...geometry, coordinates } as GeoJSON.Geometry) : null;
}

/** The geometry with a vertex somewhere else. */
export function moved(geometry: GeoJSON.Geometry, path: number[], to: Position): GeoJSON.Geometry {
  if (geometry.type === "Point") return point(to);
  const next = changed(geometry, path, (line, index) =>
    line.map((at, n) => (n === index ? rounded(to) : at)),
  );
  return next ?? geometry;
}

/** The geometry with one more vertex. */
export function inserted(
  geometry: GeoJSON.Geometry,
  path: number[],
  at: Position,
): GeoJSON.Geometry {
  const next = changed(geometry, path, (line, index) => line.toSpliced(index, 0, rounded(at)));
  return next ?? geometry;
}

/** The geometry without a vertex; null where too few would be left. */
export function removed(geometry: GeoJSON.Geometry, path: number[]): GeoJSON.Geometry | null {
  if (geometry.type === "Point") return null;
  const least =
    isSimple(geometry) && isClosed(geometry) ? 3 : geometry.type === "MultiPoint" ? 1 : 2;
  return changed(geometry, path, (line, index) =>
    line.length > least ? line.toSpliced(index, 1) : null,
  );
}

/** What a new feature of a layer begins as, around a position, `half` degrees wide each way. */
export function beginning(type: string, [lon, lat]: Position, half: number): GeoJSON.Geometry {
  const corners: Position[] = [
    [lon - half, lat - half],
    [lon + half, lat - half],
    [lon + half, lat + half],
    [lon - half, lat + half],
  ];
  const ring = [...corners, [lon - half, lat - half] as Position].map(rounded);
  const line = [rounded([lon - half, lat]), rounded([lon + half, lat])];
  switch (type) {
    case "LineString":
      return { type, coordinates: line };
    case "MultiLineString":
      return { type, coordinates: [line] };
    case "Polygon":
      return { type, coordinates: [ring] };
    case "MultiPolygon":
      return { type, coordinates: [[ring]] };
    case "MultiPoint":
      return { type, coordinates: [rounded([lon, lat])] };
    default:
      return point([lon, lat]);
  }
}

/** Whether two geometries are the same, as stored. */
export function isSame(a: GeoJSON.Geometry | null, b: GeoJSON.Geometry | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
