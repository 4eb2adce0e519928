import type { LngLatBoundsLike, StyleSpecification } from "maplibre-gl";
import type { MapConfig } from "../config";
import { fetchJson } from "../http";
import { MapLibre, ScaleControl } from "../map/library";
import { AreaNames } from "../map/names";
import { inTheme, keepInTheme } from "../map/night";
import { pageStyle } from "../map/page-map";
import type { Measured } from "./locate";

const UNITS = "admin_units";
/** How far off the cross a person means the place to be: about the width of a finger. */
const FINGER_PX = 24;
const EQUATOR_M = 40_075_016.7;
const TILE_PX = 512;

/** A small map under a cross: what lies under the cross is the place. */
export interface Picker {
  chosen(): Measured;
  zoomBy(steps: number): void;
}

/**
 * Draws the map into an element. A tap brings that place under the cross.
 *
 * @throws HttpError when the server does not answer; Error without WebGL.
 */
export async function picker(
  place: HTMLElement,
  label: string,
  start: { lon: number; lat: number } | null,
): Promise<Picker> {
  const [{ province }, ground] = await Promise.all([
    fetchJson<MapConfig>("/api/map"),
    fetchJson<StyleSpecification>(`/ogc/styles/${UNITS}?f=mapbox`),
  ]);
  const day = pageStyle(ground, null, null);
  const map = new MapLibre({
    container: place,
    style: inTheme(day),
    ...(start
      ? { center: [start.lon, start.lat] as [number, number], zoom: 14 }
      : { bounds: province.bbox as LngLatBoundsLike, fitBoundsOptions: { padding: 8 } }),
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
  });
  keepInTheme(map, day);
  map.touchZoomRotate.disableRotation();
  new AreaNames(map, UNITS);
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.getCanvas().setAttribute("aria-label", label);
  map.on("click", ({ lngLat }) =>
    map.easeTo({ center: lngLat, zoom: Math.max(map.getZoom(), 13) }),
  );
  map.once("idle", () => place.setAttribute("data-idle", ""));
  // Without a listener the library writes to the console; a tile that fails is simply not drawn.
  map.on("error", () => undefined);
  return {
    chosen: () => {
      const { lng, lat } = map.getCenter();
      const perPixel =
        (EQUATOR_M * Math.cos((lat * Math.PI) / 180)) / (TILE_PX * 2 ** map.getZoom());
      return {
        lon: Number(lng.toFixed(6)),
        lat: Number(lat.toFixed(6)),
        accuracy_m: Math.max(10, Math.round(perPixel * FINGER_PX)),
      };
    },
    zoomBy: (steps) => map.zoomTo(map.getZoom() + steps),
  };
}
