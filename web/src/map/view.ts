import type { Map as MapLibre } from "maplibre-gl";
import { readField } from "../address";
import { keepField } from "./kept";

const FIELD = "map";
/** Pixels of the world at zoom 0, for degrees that tell half a pixel apart. */
const WORLD_PX = 512;
const DEGREES = 360;

/** Which part of the map is shown. */
export interface View {
  zoom: number;
  center: [longitude: number, latitude: number];
}

/** The view that an address names as `map=zoom/latitude/longitude`; null if it names none. */
export function readView(hash: string): View | null {
  const parts = (readField(hash, FIELD) ?? "")
    .split("/")
    .map((part) => (part ? Number(part) : NaN));
  const [zoom = NaN, latitude = NaN, longitude = NaN] = parts;
  if (!(zoom >= 0 && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return null;
  return { zoom, center: [longitude, latitude] };
}

/** What `readView` reads, to half a pixel. */
export function writeView({ zoom, center: [longitude, latitude] }: View): string {
  const digits = Math.ceil(Math.log10((2 ** zoom * WORLD_PX * 2) / DEGREES));
  const round = (value: number, to: number): number => Number(value.toFixed(Math.max(0, to)));
  return `${round(zoom, 2)}/${round(latitude, digits)}/${round(longitude, digits)}`;
}

/**
 * Keeps the view in the address, and follows one that is put there.
 *
 * Not by the library's own means, which take the encoding off all other fields.
 */
export function keepView(map: MapLibre): void {
  let written = readField(location.hash, FIELD);
  map.on("moveend", () => {
    const { lng, lat } = map.getCenter();
    written = writeView({ zoom: map.getZoom(), center: [lng, lat] });
    keepField(FIELD, written);
  });
  addEventListener("hashchange", () => {
    const view = readView(location.hash);
    if (view && readField(location.hash, FIELD) !== written) map.jumpTo(view);
  });
}
