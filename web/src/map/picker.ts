// A small map on which a place is chosen: loaded when somebody opens it.
import type { LngLatBoundsLike, StyleSpecification } from "maplibre-gl";
import type { Box, MapConfig } from "../config";
import { button, DRAWINGS, drawing, h } from "../dom";
import { fetchJson } from "../http";
import { translator } from "../locale";
import type { Measured } from "../sos/locate";
import "../styles/picker.css";
import { en } from "../texts/picker/en";
import { type PickerTexts, vi } from "../texts/picker/vi";
import { MapLibre, ScaleControl } from "./library";
import { AreaNames } from "./names";
import { inTheme, keepInTheme } from "./night";
import { pageStyle } from "./page-map";

const t = translator<keyof PickerTexts>({ vi, en });

const UNITS = "admin_units";
/** How far off the cross a person means the place to be: about the width of a finger. */
const FINGER_PX = 24;
const EQUATOR_M = 40_075_016.7;
const TILE_PX = 512;

/** What the map shows first: a place, a box, or all of the province. Degrees of EPSG:4326. */
export type Start = { lon: number; lat: number } | Box | null;

interface Picking {
  start: Start;
  /** What lies under the cross is the place. */
  chosen: (place: Measured) => void;
  /** The map has come to rest, with another place under the cross. */
  rests?: (place: Measured) => void;
}

/**
 * Draws a map under a cross into an element, with the button that chooses the place. A tap brings
 * that place under the cross; the keyboard moves the map as well. The element that tells how it
 * stands then says what to do.
 *
 * @returns what takes the map away again.
 * @throws HttpError when the server does not answer; Error without WebGL.
 */
export async function picker(
  place: HTMLElement,
  status: HTMLElement,
  { start, chosen, rests }: Picking,
): Promise<() => void> {
  const [{ province }, ground] = await Promise.all([
    fetchJson<MapConfig>("/api/map"),
    fetchJson<StyleSpecification>(`/ogc/styles/${UNITS}?f=mapbox`),
  ]);
  const canvas = h("div", { class: "picker-map" });
  const choose = button(
    { class: "button button-strong wide" },
    () => chosen(under(map)),
    t("mapChoose"),
  );
  const zoom = (key: keyof PickerTexts, path: string, by: number): HTMLElement =>
    button(
      { class: "picker-zoom", "aria-label": t(key) },
      () => map.zoomTo(map.getZoom() + by),
      drawing(path),
    );
  const frame = h(
    "div",
    { class: "picker-frame" },
    canvas,
    h("div", { class: "cross", "aria-hidden": "true" }),
    h(
      "div",
      { class: "picker-zooms" },
      zoom("mapZoomIn", DRAWINGS.plus, 1),
      zoom("mapZoomOut", DRAWINGS.minus, -1),
    ),
  );
  place.append(frame, choose);
  let map: MapLibre;
  try {
    map = drawn(canvas, pageStyle(ground, null, null), start ?? (province.bbox as Box));
  } catch (error) {
    frame.remove();
    choose.remove();
    throw error;
  }
  status.textContent = t("mapHint");
  if (rests) map.on("moveend", () => rests(under(map)));
  return () => map.remove();
}

function drawn(canvas: HTMLElement, day: StyleSpecification, start: NonNullable<Start>): MapLibre {
  const map = new MapLibre({
    container: canvas,
    style: inTheme(day),
    ...(Array.isArray(start)
      ? { bounds: start as LngLatBoundsLike, fitBoundsOptions: { padding: 8 } }
      : { center: [start.lon, start.lat] as [number, number], zoom: 14 }),
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
  });
  keepInTheme(map, day);
  map.touchZoomRotate.disableRotation();
  new AreaNames(map, UNITS);
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
  map.getCanvas().setAttribute("aria-label", t("mapLabel"));
  map.on("click", ({ lngLat }) =>
    map.easeTo({ center: lngLat, zoom: Math.max(map.getZoom(), 13) }),
  );
  map.once("idle", () => canvas.setAttribute("data-idle", ""));
  // Without a listener the library writes to the console; a tile that fails is simply not drawn.
  map.on("error", () => undefined);
  return map;
}

function under(map: MapLibre): Measured {
  const { lng, lat } = map.getCenter();
  const perPixel = (EQUATOR_M * Math.cos((lat * Math.PI) / 180)) / (TILE_PX * 2 ** map.getZoom());
  return {
    lon: Number(lng.toFixed(6)),
    lat: Number(lat.toFixed(6)),
    accuracy_m: Math.max(10, Math.round(perPixel * FINGER_PX)),
  };
}
