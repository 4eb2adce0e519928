import type { Box, Feature } from "../config";
import { boxOf } from "../map/box";

export type Position = [number, number];
type Ring = number[][];

/** An alert as the list shows it. */
export interface Alert {
  id: string;
  headline: string;
  headlineEn: string;
  severity: string;
  status: string;
  area: string;
  cancelled: boolean;
  /** Milliseconds since 1970. */
  expires: number;
  box: Box | null;
}

const RANKS: Record<string, number> = { Extreme: 0, Severe: 1, Moderate: 2, Minor: 3 };

export function readAlert({ id, properties, geometry }: Feature): Alert {
  return {
    id: String(id),
    headline: String(properties.headline),
    headlineEn: String(properties.headline_en ?? ""),
    severity: String(properties.severity),
    status: String(properties.status),
    area: String(properties.area_desc),
    cancelled: properties.message === "Cancel",
    expires: Date.parse(String(properties.expires)),
    box: boxOf(geometry),
  };
}

/** The alerts that are in force or to come, the most severe first. */
export function inForce(alerts: Iterable<Alert>, now: number): Alert[] {
  return [...alerts]
    .filter(({ cancelled, expires }) => !cancelled && expires > now)
    .sort(
      (a, b) =>
        (RANKS[a.severity] ?? 9) - (RANKS[b.severity] ?? 9) ||
        a.expires - b.expires ||
        (a.id < b.id ? -1 : 1),
    );
}

/** The query of the alerts that are in force or to come. */
export function inForceFilter(now: number): string {
  const instant = `${new Date(now).toISOString().slice(0, 19)}Z`;
  return `message <> 'Cancel' AND expires > TIMESTAMP('${instant}')`;
}

/** Twice the area inside a ring, positive for one that turns to the left. */
function twiceArea(ring: Ring): number {
  let twice = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax = 0, ay = 0] = ring[j] ?? [];
    const [bx = 0, by = 0] = ring[i] ?? [];
    twice += ax * by - bx * ay;
  }
  return twice;
}

/** The area within corners, in the order that GeoJSON demands; null of fewer than three. */
export function areaOf(corners: readonly Position[]): GeoJSON.MultiPolygon | null {
  const [first] = corners;
  if (corners.length < 3 || !first) return null;
  const ring = [...corners, first].map(([x, y]) => [Number(x.toFixed(6)), Number(y.toFixed(6))]);
  if (twiceArea(ring) === 0) return null;
  return { type: "MultiPolygon", coordinates: [[twiceArea(ring) < 0 ? ring.reverse() : ring]] };
}

/** An area from elsewhere as the layer of alerts keeps areas. */
export function asMultiPolygon(geometry: GeoJSON.Geometry | null): GeoJSON.MultiPolygon | null {
  if (geometry?.type === "MultiPolygon") return geometry;
  if (geometry?.type !== "Polygon") return null;
  return { type: "MultiPolygon", coordinates: [geometry.coordinates] };
}
