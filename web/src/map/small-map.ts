import type { StyleSpecification } from "maplibre-gl";
import { fetchJson } from "../http";
import { MapLibre, ScaleControl } from "./library";
import { AreaNames } from "./names";
import { inTheme, keepInTheme } from "./night";
import { pageStyle } from "./page-map";

const UNITS = "admin_units";

/**
 * The style of a small map of a page: the administrative units, and over them what is chosen.
 *
 * @throws HttpError when the server does not answer.
 */
export async function unitsStyle(
  chosen: GeoJSON.FeatureCollection | null,
): Promise<StyleSpecification> {
  const ground = await fetchJson<StyleSpecification>(`/ogc/styles/${UNITS}?f=mapbox`);
  return pageStyle(ground, null, chosen);
}

interface Sight {
  /** Longitude and latitude, in degrees, of all that is to be in sight. */
  points: readonly (readonly number[])[];
  /** In pixels. */
  padding: number;
  maxZoom: number;
  scrollZoom?: boolean;
}

/**
 * A small map in a page, which neither turns nor tilts, over all that is to be in sight. Its element
 * gets `data-idle` once it is drawn.
 *
 * @throws Error without WebGL.
 */
export function smallMap(
  container: HTMLElement,
  label: string,
  style: StyleSpecification,
  { points, padding, maxZoom, scrollZoom = true }: Sight,
): void {
  const longitudes = points.map(([lon = 0]) => lon);
  const latitudes = points.map(([, lat = 0]) => lat);
  const map = new MapLibre({
    container,
    style: inTheme(style),
    bounds: [
      Math.min(...longitudes),
      Math.min(...latitudes),
      Math.max(...longitudes),
      Math.max(...latitudes),
    ],
    fitBoundsOptions: { padding, maxZoom },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    scrollZoom,
  });
  map.touchZoomRotate.disableRotation();
  keepInTheme(map, style);
  new AreaNames(map, UNITS);
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.getCanvas().setAttribute("aria-label", label);
  map.once("idle", () => container.setAttribute("data-idle", ""));
  // Without a listener the library writes to the console; a tile that fails is simply not drawn.
  map.on("error", () => undefined);
}
