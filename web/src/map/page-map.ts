import type { LngLatBoundsLike, StyleSpecification } from "maplibre-gl";
import type { Box } from "../config";
import { fetchJson } from "../http";
import { boxOf } from "./box";
import { isGround, NAMES, NAMES_SOURCE, nameLayer } from "./compose";
import { MapLibre, ScaleControl } from "./library";
import { AreaNames } from "./names";
import { inTheme, keepInTheme } from "./night";

const UNITS = "admin_units";
const GROUND = `/ogc/styles/${UNITS}?f=mapbox`;
const INK = "#b3001b";

/** The box of `data-bbox` (west,south,east,north in degrees); null if it is none. */
export function parseBox(text: string | undefined): Box | null {
  const numbers = (text ?? "").split(",").map(Number);
  return numbers.length === 4 && numbers.every(Number.isFinite) ? (numbers as Box) : null;
}

/**
 * Draws the map of a page under /ogc into an element: what is at `data-geojson`, or the layer whose
 * style is at `data-style`, over the administrative units, showing `data-bbox`. `data-label`
 * names the map; where there can be none, `data-missing` is what to say.
 */
export async function pageMap(place: HTMLElement): Promise<void> {
  const { geojson, style, bbox, label, missing } = place.dataset;
  try {
    const [ground, own, data] = await Promise.all([
      fetchJson<StyleSpecification>(GROUND),
      style ? fetchJson<StyleSpecification>(style) : null,
      geojson ? fetchJson<GeoJSON.GeoJSON>(geojson) : null,
    ]);
    const day = pageStyle(ground, own, data);
    const map = new MapLibre({
      container: place,
      style: inTheme(day),
      bounds: (boundsOf(data) ?? parseBox(bbox) ?? [-180, -80, 180, 80]) as LngLatBoundsLike,
      fitBoundsOptions: { padding: 32, maxZoom: 14 },
      attributionControl: false,
      dragRotate: false,
      cooperativeGestures: false,
      scrollZoom: false,
    });
    keepInTheme(map, day);
    new AreaNames(map, UNITS);
    map.addControl(new ScaleControl({ maxWidth: 110 }), "bottom-left");
    if (label) map.getCanvas().setAttribute("aria-label", label);
    map.once("idle", () => place.setAttribute("data-ready", ""));
    // Without a listener the library writes to the console; a tile that fails is simply not drawn.
    map.on("error", () => undefined);
  } catch {
    place.classList.add("map-missing");
    place.textContent = missing ?? "";
  }
}

/** Sea, land and borders, with the layer or the features on top. */
export function pageStyle(
  ground: StyleSpecification,
  own: StyleSpecification | null,
  data: GeoJSON.GeoJSON | null,
): StyleSpecification {
  const style: StyleSpecification = {
    ...ground,
    sources: { ...ground.sources, ...own?.sources, [UNITS + NAMES]: NAMES_SOURCE },
    layers: ground.layers.map((part) => (part.type === "symbol" ? nameLayer(part, UNITS) : part)),
  };
  for (const layer of own?.layers ?? [])
    if (!style.layers.some(({ id }) => id === layer.id) && !isGround(layer))
      style.layers.push(layer);
  if (!data) return style;
  style.sources.features = { type: "geojson", data };
  style.layers.push(
    {
      id: "features-area",
      type: "fill",
      source: "features",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": INK, "fill-opacity": 0.12 },
    },
    {
      id: "features-line",
      type: "line",
      source: "features",
      filter: ["!=", ["geometry-type"], "Point"],
      paint: { "line-color": INK, "line-width": 2 },
    },
    {
      id: "features-point",
      type: "circle",
      source: "features",
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": 6,
        "circle-color": INK,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 2,
      },
    },
  );
  return style;
}

function boundsOf(data: GeoJSON.GeoJSON | null): Box | null {
  if (data === null) return null;
  if (data.type === "FeatureCollection") {
    const geometries = data.features.map(({ geometry }) => geometry).filter(Boolean);
    return boxOf({ type: "GeometryCollection", geometries });
  }
  return boxOf(data.type === "Feature" ? data.geometry : data);
}
