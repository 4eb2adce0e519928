import { smallMap, unitsStyle } from "../map/small-map";
import type { Place } from "./geo";

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
  const ends = [here ?? task, task];
  const line = way?.coordinates ?? ends.map(({ lon, lat }) => [lon, lat]);
  const style = await unitsStyle({
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
  smallMap(place, label, style, { points: line, padding: 40, maxZoom: 14 });
}

function point({ lon, lat }: Place): GeoJSON.Feature {
  return {
    type: "Feature",
    properties: {},
    geometry: { type: "Point", coordinates: [lon, lat] },
  };
}
