import { smallMap, unitsStyle } from "../map/small-map";
import type { Place } from "./api";

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
  const style = await unitsStyle(null);
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
  smallMap(element, label, style, {
    points: places.map(({ lon, lat }) => [lon, lat]),
    padding: 48,
    maxZoom: 13,
    scrollZoom: false,
  });
}
