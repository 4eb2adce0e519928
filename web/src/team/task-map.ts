import type { StyleSpecification } from "maplibre-gl";
import { fetchJson } from "../http";
import { MapLibre, ScaleControl } from "../map/library";
import { AreaNames } from "../map/names";
import { pageStyle } from "../map/page-map";
import type { Place } from "./geo";

const UNITS = "admin_units";
const HERE = "#1a5ba6";

/**
 * Draws a task, the way to it and where one is, over the administrative units.
 *
 * @throws HttpError when the server does not answer; Error without WebGL.
 */
export async function taskMap(
  place: HTMLElement,
  label: string,
  task: Place,
  here: Place | null,
  way: GeoJSON.LineString | null,
): Promise<void> {
  const ground = await fetchJson<StyleSpecification>(`/ogc/styles/${UNITS}?f=mapbox`);
  const ends = [here ?? task, task];
  const line = way?.coordinates ?? ends.map(({ lon, lat }) => [lon, lat]);
  const style = pageStyle(ground, null, {
    type: "FeatureCollection",
    features: [
      { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } },
      point(task),
    ],
  });
  if (here) {
    style.sources.here = { type: "geojson", data: point(here) };
    style.layers.push({
      id: "here",
      type: "circle",
      source: "here",
      paint: {
        "circle-radius": 8,
        "circle-color": HERE,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 3,
      },
    });
  }
  const longitudes = line.map(([lon = 0]) => lon);
  const latitudes = line.map(([, lat = 0]) => lat);
  const map = new MapLibre({
    container: place,
    style,
    bounds: [
      Math.min(...longitudes),
      Math.min(...latitudes),
      Math.max(...longitudes),
      Math.max(...latitudes),
    ],
    fitBoundsOptions: { padding: 40, maxZoom: 14 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
  });
  map.touchZoomRotate.disableRotation();
  new AreaNames(map, UNITS);
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.getCanvas().setAttribute("aria-label", label);
  map.once("idle", () => place.setAttribute("data-idle", ""));
  // Without a listener the library writes to the console; a tile that fails is simply not drawn.
  map.on("error", () => undefined);
}

function point({ lon, lat }: Place): GeoJSON.Feature {
  return {
    type: "Feature",
    properties: {},
    geometry: { type: "Point", coordinates: [lon, lat] },
  };
}
