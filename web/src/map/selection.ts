import type { GeoJSONSource, Map as MapLibre, StyleSpecification } from "maplibre-gl";

const SOURCE = "selection";
const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const INK = "#0b4f5c";

/** Until something is chosen: for lines that draw nothing, too, each frame cuts out all tiles twice. */
const HIDDEN = { visibility: "none" } as const;
const PARTS = ["selection-casing", "selection-line", "selection-ring"];

/** Adds what marks the chosen feature: a ring around a point, a border around an area. */
export function withSelection(style: StyleSpecification): StyleSpecification {
  return {
    ...style,
    sources: { ...style.sources, [SOURCE]: { type: "geojson", data: EMPTY } },
    layers: [
      ...style.layers,
      {
        id: "selection-casing",
        type: "line",
        source: SOURCE,
        layout: HIDDEN,
        filter: ["!=", ["geometry-type"], "Point"],
        paint: { "line-color": "#ffffff", "line-width": 6, "line-opacity": 0.9 },
      },
      {
        id: "selection-line",
        type: "line",
        source: SOURCE,
        layout: HIDDEN,
        filter: ["!=", ["geometry-type"], "Point"],
        paint: { "line-color": INK, "line-width": 3 },
      },
      {
        id: "selection-ring",
        type: "circle",
        source: SOURCE,
        layout: HIDDEN,
        filter: ["==", ["geometry-type"], "Point"],
        paint: {
          "circle-radius": 18,
          "circle-color": INK,
          "circle-opacity": 0.12,
          "circle-stroke-color": INK,
          "circle-stroke-width": 3,
        },
      },
    ],
  };
}

/** Marks a geometry as the chosen one; null marks nothing. */
export function showSelection(map: MapLibre, geometry: GeoJSON.Geometry | null): void {
  const source = map.getSource<GeoJSONSource>(SOURCE);
  for (const id of PARTS) map.setLayoutProperty(id, "visibility", geometry ? "visible" : "none");
  source?.setData(geometry ? { type: "Feature", properties: {}, geometry } : EMPTY);
}
