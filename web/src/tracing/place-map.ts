import type { StyleSpecification } from "maplibre-gl";
import { fetchJson } from "../http";
import { MapLibre, ScaleControl } from "../map/library";
import { AreaNames } from "../map/names";
import { inTheme, keepInTheme } from "../map/night";
import { pageStyle } from "../map/page-map";
import type { Place } from "./api";

const UNITS = "admin_units";
const INK = "#b3001b";

/**
 * Draws the places where people met, each as large as there are contacts.
 *
 * @throws HttpError when the server does not answer; Error without WebGL.
 */
export async function placeMap(
  element: HTMLElement,
  label: string,
  places: Place[],
): Promise<void> {
  const ground = await fetchJson<StyleSpecification>(`/ogc/styles/${UNITS}?f=mapbox`);
  const style = pageStyle(ground, null, null);
  const most = Math.max(...places.map(({ contacts }) => contacts));
  style.sources.places = {
    type: "geojson",
    data: {
      type: "FeatureCollection",
      features: places.map(({ lon, lat, contacts }) => ({
        type: "Feature",
        properties: { contacts },
        geometry: { type: "Point", coordinates: [lon, lat] },
      })),
    },
  };
  style.layers.push({
    id: "places",
    type: "circle",
    source: "places",
    paint: {
      // The area says how many.
      "circle-radius": ["+", 4, ["*", 18, ["sqrt", ["/", ["get", "contacts"], most]]]],
      "circle-color": INK,
      "circle-opacity": 0.55,
      "circle-stroke-color": INK,
      "circle-stroke-width": 1.5,
    },
  });
  const longitudes = places.map(({ lon }) => lon);
  const latitudes = places.map(({ lat }) => lat);
  const map = new MapLibre({
    container: element,
    style: inTheme(style),
    bounds: [
      Math.min(...longitudes),
      Math.min(...latitudes),
      Math.max(...longitudes),
      Math.max(...latitudes),
    ],
    fitBoundsOptions: { padding: 48, maxZoom: 13 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    cooperativeGestures: false,
    scrollZoom: false,
  });
  map.touchZoomRotate.disableRotation();
  keepInTheme(map, style);
  new AreaNames(map, UNITS);
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.getCanvas().setAttribute("aria-label", label);
  map.once("idle", () => element.setAttribute("data-idle", ""));
  // Without a listener the library writes to the console; a tile that fails is simply not drawn.
  map.on("error", () => undefined);
}
