// Lengths and areas on the WGS 84 ellipsoid, as the server measures them too.
import { Geodesic } from "geographiclib-geodesic";

/** Longitude, latitude in degrees. */
export type Position = readonly [longitude: number, latitude: number];

const EARTH = Geodesic.WGS84;

/** Metres along the shortest way between two positions. */
export function distance([fromLon, fromLat]: Position, [toLon, toLat]: Position): number {
  return EARTH.Inverse(fromLat, fromLon, toLat, toLon).s12 ?? 0;
}

/** The metres of each leg of a path. */
export function legs(path: readonly Position[]): number[] {
  return path.slice(1).map((to, at) => distance(path[at] ?? to, to));
}

/** The area in square metres and the perimeter in metres of a ring, whichever way it turns. */
export function measureRing(ring: readonly Position[]): { area: number; perimeter: number } {
  const polygon = EARTH.Polygon();
  for (const [lon, lat] of ring) polygon.AddPoint(lat, lon);
  const { area, perimeter } = polygon.Compute(false, true);
  return { area: Math.abs(area ?? 0), perimeter };
}

/** A closed ring of positions at a distance from a centre. */
export function circle([lon, lat]: Position, metres: number, corners = 64): Position[] {
  const ring = Array.from({ length: corners }, (_, at): Position => {
    const found = EARTH.Direct(lat, lon, (-360 / corners) * at, metres);
    return [found.lon2 ?? lon, found.lat2 ?? lat];
  });
  return ring.concat(ring.slice(0, 1));
}
