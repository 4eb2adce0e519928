import type { Box, Column, LayerConfig } from "../../config";
import { property, text } from "../../map/cql2";
import { circle, distance, measureRing, type Position } from "../geodesic";
import { closed, readPath, simplified, wkt, writePath } from "../shapes";

/** The corners of a drawn area at most, and of a boundary that is sent in a filter. */
export const MOST_CORNERS = 150;

/** An area that a person selected. */
export type Selection =
  | { kind: "box"; box: Box }
  /** The corners, the first not repeated. */
  | { kind: "polygon"; corners: readonly Position[] }
  | { kind: "circle"; centre: Position; metres: number }
  | { kind: "unit"; code: string };

/** An administrative unit, as its layer has it. */
export interface Unit {
  code: string;
  name: string;
  /** `province`, `district` or `commune`: layers have the code in `<level>_code`. */
  level: string;
  geometry: GeoJSON.Polygon | GeoJSON.MultiPolygon;
}

/** The selection as the address keeps it. */
export function writeSelection(selection: Selection): string {
  if (selection.kind === "unit") return `unit:${selection.code}`;
  if (selection.kind === "polygon") return `polygon:${writePath(selection.corners)}`;
  if (selection.kind === "circle")
    return `circle:${writePath([selection.centre])};${Math.round(selection.metres)}`;
  const [west, south, east, north] = selection.box;
  return `box:${writePath([
    [west, south],
    [east, north],
  ])}`;
}

/** The selection that `writeSelection` wrote; null for any other text. */
export function readSelection(written: string | null): Selection | null {
  const [, kind, rest = ""] = /^(box|polygon|circle|unit):(.+)$/.exec(written ?? "") ?? [];
  if (kind === "unit") return { kind, code: rest };
  if (kind === "circle") {
    const [, place = "", digits = ""] = /^(.+);(\d{1,7})$/.exec(rest) ?? [];
    const [centre] = readPath(place, 1) ?? [];
    return centre && Number(digits) > 0 ? { kind, centre, metres: Number(digits) } : null;
  }
  const path = kind === undefined ? null : readPath(rest, MOST_CORNERS);
  if (kind === "polygon" && path && path.length >= 3) return { kind, corners: path };
  const [low, high] = path ?? [];
  if (kind !== "box" || !low || !high || path?.length !== 2) return null;
  const [[west, south], [east, north]] = [low, high];
  return west < east && south < north ? { kind, box: [west, south, east, north] } : null;
}

/** A rectangle between two opposite corners; null where it has no extent. */
export function boxBetween(one: Position, other: Position): Selection | null {
  const box: Box = [
    Math.min(one[0], other[0]),
    Math.min(one[1], other[1]),
    Math.max(one[0], other[0]),
    Math.max(one[1], other[1]),
  ];
  return box[0] < box[2] && box[1] < box[3] ? { kind: "box", box } : null;
}

/** A circle around a position, through another; null where it has no extent. */
export function circleThrough(centre: Position, rim: Position): Selection | null {
  const metres = Math.round(distance(centre, rim));
  return metres > 0 ? { kind: "circle", centre, metres } : null;
}

/** The ground that a selection covers; a unit's is its own. */
export function groundOf(
  selection: Selection,
  unit: Unit | null,
): GeoJSON.Polygon | GeoJSON.MultiPolygon | null {
  if (selection.kind === "unit") return unit?.geometry ?? null;
  return { type: "Polygon", coordinates: [ringOf(selection).map(([lon, lat]) => [lon, lat])] };
}

function ringOf(selection: Exclude<Selection, { kind: "unit" }>): Position[] {
  if (selection.kind === "circle") return circle(selection.centre, selection.metres);
  if (selection.kind === "polygon") return closed(selection.corners);
  const [west, south, east, north] = selection.box;
  return closed([
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ]);
}

/** Square metres of an area on the ellipsoid, without its holes. */
export function sizeOf(ground: GeoJSON.Polygon | GeoJSON.MultiPolygon): number {
  const polygons = ground.type === "Polygon" ? [ground.coordinates] : ground.coordinates;
  return polygons.reduce(
    (sum, [outer = [], ...holes]) =>
      sum + ringSize(outer) - holes.reduce((inner, hole) => inner + ringSize(hole), 0),
    0,
  );
}

function ringSize(ring: GeoJSON.Position[]): number {
  return measureRing(ring.slice(0, -1).map(([lon = 0, lat = 0]): Position => [lon, lat])).area;
}

/** What a selection asks of the features of each layer. */
export interface Question {
  /** CQL2 text. */
  condition(layer: Pick<LayerConfig, "columns" | "geometryColumn">): string;
  /** The corners left of a boundary that had to be simplified; null where it is exact. */
  corners: number | null;
}

/**
 * The conditions of a selection.
 *
 * A unit is asked for by its code where a layer has that, which is exact; else by its boundary.
 *
 * @param whole whether features must lie wholly inside; otherwise it is enough to touch.
 */
export function question(selection: Selection, unit: Unit | null, whole: boolean): Question {
  const relation = whole ? "S_WITHIN" : "S_INTERSECTS";
  const related = (area: string) => (layer: Pick<LayerConfig, "geometryColumn">) =>
    `${relation}(${property(layer.geometryColumn)}, ${area})`;
  if (selection.kind === "circle" && !whole) {
    const place = `POINT(${selection.centre.join(" ")})`;
    return {
      condition: (layer) =>
        `S_DWITHIN(${property(layer.geometryColumn)}, ${place}, ${selection.metres})`,
      corners: null,
    };
  }
  const ground = groundOf(selection, unit);
  if (!ground) return { condition: () => "FALSE", corners: null };
  if (!unit || selection.kind !== "unit") return { condition: related(wkt(ground)), corners: null };
  const { geometry, changed } = simplified(ground, MOST_CORNERS);
  const boundary = related(wkt(geometry));
  const code = `${unit.level}_code`;
  const has = (columns: readonly Column[]): boolean => columns.some(({ name }) => name === code);
  return {
    condition: (layer) =>
      has(layer.columns) ? `${property(code)} = ${text(unit.code)}` : boundary(layer),
    corners: changed ? geometry.coordinates.flat().reduce((n, ring) => n + ring.length, 0) : null,
  };
}
