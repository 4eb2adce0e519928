import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { NAMES } from "./compose";

const SCANS = 24;
/** How much larger a part must be than the one that has the name, for the name to move there. */
const CLEARLY_LARGER = 1.1;

type Ring = number[][];
type Polygon = Ring[];

interface Named {
  area: number;
  feature: GeoJSON.Feature<GeoJSON.Point>;
}

/** The area inside a ring, in the square of its units. */
export function ringArea(ring: Ring): number {
  let twice = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax = 0, ay = 0] = ring[j] ?? [];
    const [bx = 0, by = 0] = ring[i] ?? [];
    twice += ax * by - bx * ay;
  }
  return Math.abs(twice) / 2;
}

/** Where a horizontal line crosses a polygon's rings, from west to east. */
function crossings(polygon: Polygon, y: number): number[] {
  const found: number[] = [];
  for (const ring of polygon)
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ax = 0, ay = 0] = ring[j] ?? [];
      const [bx = 0, by = 0] = ring[i] ?? [];
      if (ay > y !== by > y) found.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
    }
  return found.sort((a, b) => a - b);
}

/**
 * Where a polygon's name is best written: in the middle of its widest stretch from west to east,
 * nearer to the middle of its height where stretches are alike.
 */
export function namePoint(polygon: Polygon): [number, number] | null {
  const heights = (polygon[0] ?? []).map(([, y = 0]) => y);
  const south = Math.min(...heights);
  const north = Math.max(...heights);
  let best: [number, number] | null = null;
  let most = 0;
  for (let scan = 1; scan < SCANS; scan++) {
    const share = scan / SCANS;
    const y = south + (north - south) * share;
    const edges = crossings(polygon, y);
    for (let i = 0; i + 1 < edges.length; i += 2) {
      const [west = 0, east = 0] = edges.slice(i, i + 2);
      const worth = (east - west) * (1 - Math.abs(share - 0.5));
      if (worth > most) {
        most = worth;
        best = [(west + east) / 2, y];
      }
    }
  }
  return best;
}

/**
 * Writes each area's name once. Tiles cut areas, and a name in each part would repeat it; so names
 * have a source of their own, with one point for each area in the largest part seen so far.
 */
export class AreaNames {
  readonly #map: MapLibre;
  readonly #layer: string;
  readonly #known = new Map<string, Named>();
  #forgotten = false;

  constructor(map: MapLibre, layer: string) {
    this.#map = map;
    this.#layer = layer;
    map.on("sourcedata", (event) => {
      if (event.sourceId !== layer) return;
      if (event.sourceDataType === "content" && event.sourceDataChanged) this.#forget();
      else if (event.isSourceLoaded) this.#collect();
    });
  }

  /** The layer shows other features from now on; their names come when all have been loaded. */
  #forget(): void {
    this.#known.clear();
    this.#forgotten = true;
  }

  #collect(): void {
    let changed = this.#forgotten;
    this.#forgotten = false;
    const found = this.#map.querySourceFeatures(this.#layer, { sourceLayer: this.#layer });
    for (const { geometry, properties } of found)
      for (const polygon of polygonsOf(geometry))
        changed = this.#take(polygon, properties) || changed;
    if (changed) this.#write();
  }

  #write(): void {
    const features = [...this.#known.values()].map(({ feature }) => feature);
    const names = this.#map.getSource<GeoJSONSource>(this.#layer + NAMES);
    names?.setData({ type: "FeatureCollection", features });
  }

  #take(polygon: Polygon, properties: Record<string, unknown>): boolean {
    const id = String(properties.id);
    const area = ringArea(polygon[0] ?? []);
    const known = this.#known.get(id);
    if (known && area <= known.area * CLEARLY_LARGER) return renamed(known, properties);
    const coordinates = namePoint(polygon);
    if (!coordinates) return false;
    const geometry: GeoJSON.Point = { type: "Point", coordinates };
    // A copy: what comes out of a tile has no prototype, which the way to the worker demands.
    const feature = { type: "Feature" as const, properties: { ...properties }, geometry };
    this.#known.set(id, { area, feature });
    return true;
  }
}

/** Takes over what is said of an area that keeps its place; whether it is other than before. */
function renamed({ feature }: Named, properties: Record<string, unknown>): boolean {
  if (JSON.stringify(feature.properties) === JSON.stringify(properties)) return false;
  feature.properties = { ...properties };
  return true;
}

function polygonsOf(geometry: GeoJSON.Geometry): Polygon[] {
  if (geometry.type === "Polygon") return [geometry.coordinates];
  return geometry.type === "MultiPolygon" ? geometry.coordinates : [];
}
