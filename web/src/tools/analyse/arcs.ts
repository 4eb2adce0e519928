// Flows between units as arcs: the two directions bend apart, and an arc grows stronger on its way.
import type { ExpressionSpecification, LineLayerSpecification } from "maplibre-gl";
import type { Box } from "../../config";
import type { Properties, Result } from "./result";

/** A flow on its bent line. */
export type Arc = GeoJSON.Feature<GeoJSON.LineString, Properties>;

/** The property that names a flow. */
export const FLOW = "flow";
/** How far the middle of an arc stands off the straight line, as a share of its length. */
const BEND = 0.16;
const PIECES = 24;
const WIDEST_PX = 12;
const THINNEST_PX = 1.2;
/** Opacity at the start of an arc, as two hexadecimal digits; at its end it is whole. */
const FAINT = "26";

/** The box around an arc. */
export function boxOf({ geometry }: Arc): Box {
  const xs = geometry.coordinates.map(([x = 0]) => x);
  const ys = geometry.coordinates.map(([, y = 0]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** The most of one flow; 1 where there is none. */
export function strongest(result: Result): number {
  return Math.max(1, ...result.features.map(({ properties }) => Number(properties.n)));
}

/** The width of an arc of `n` where the strongest has `most`, in pixels. */
export function widthOf(n: number, most: number): number {
  return Math.max(THINNEST_PX, (WIDEST_PX * n) / most);
}

/** A bent line between two positions; its middle lies to the right of who goes along it. */
export function arc(start: GeoJSON.Position, end: GeoJSON.Position): GeoJSON.Position[] {
  const [x0 = 0, y0 = 0] = start;
  const [x1 = 0, y1 = 0] = end;
  const [dx, dy] = [x1 - x0, y1 - y0];
  // The middle of the curve is half as far off as the point that pulls it.
  const [px, py] = [(x0 + x1) / 2 + 2 * BEND * dy, (y0 + y1) / 2 - 2 * BEND * dx];
  return Array.from({ length: PIECES + 1 }, (_, step) => {
    const t = step / PIECES;
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    return [a * x0 + b * px + c * x1, a * y0 + b * py + c * y1];
  });
}

/** The flows of a result as arcs, each with its name, its place by strength and the way back. */
export function arcs(result: Result): GeoJSON.FeatureCollection<GeoJSON.LineString, Properties> {
  const back = new Map(result.features.map(({ id, properties }) => [String(id), properties.n]));
  const features = result.features.flatMap(({ id, geometry, properties }, place) => {
    const [start, end] = geometry.type === "LineString" ? geometry.coordinates : [];
    if (!start || !end) return [];
    const opposite = back.get(`${properties.to}-${properties.from}`) ?? null;
    return [
      {
        type: "Feature" as const,
        geometry: { type: "LineString" as const, coordinates: arc(start, end) },
        properties: { ...properties, [FLOW]: String(id), rank: place + 1, back: opposite },
      },
    ];
  });
  return { type: "FeatureCollection", features };
}

/**
 * How arcs are drawn: all of them, and the one that is marked.
 *
 * @param color in hexadecimal digits.
 */
export function arcLayers(source: string, most: number, color: string): LineLayerSpecification[] {
  const steps: ExpressionSpecification = ["get", "n"];
  const width: ExpressionSpecification = ["max", THINNEST_PX, ["/", ["*", WIDEST_PX, steps], most]];
  return [
    {
      id: "flows",
      type: "line",
      source,
      layout: { "line-sort-key": steps },
      paint: {
        "line-width": width,
        "line-gradient": ["interpolate", ["linear"], ["line-progress"], 0, color + FAINT, 1, color],
      },
    },
    {
      id: "flows_marked",
      type: "line",
      source,
      filter: ["==", ["get", FLOW], ""],
      layout: { "line-cap": "round" },
      paint: { "line-width": ["+", 2, width], "line-color": color },
    },
  ];
}
