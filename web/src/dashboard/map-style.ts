// The style of the province coloured by a figure, on the screen and on paper.
import type { LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { MapLibre } from "../map/library";

export const UNITS = "admin_units";
export const FILL = "figures";
/** The same areas in the colours of paper; drawn when the page is printed in the dark theme. */
export const PAPER = "figures-paper";
export const LINE = "figures-line";
export const CHOSEN = "figures-chosen";

/** Gives a map the colours of a style, whose layers it has. */
export function repaint(map: MapLibre, style: StyleSpecification): void {
  for (const { id, paint } of style.layers)
    for (const [name, value] of Object.entries(paint ?? {}))
      if (name.endsWith("-color") && map.getLayer(id))
        map.setPaintProperty(id, name as "line-color", value);
}

/** The ground of the pages, its districts and communes filled with the colours of classes. */
export function coloured(style: StyleSpecification): StyleSpecification {
  const at = style.layers.findIndex(({ type }) => type === "line" || type === "symbol");
  const land = style.layers.findIndex(({ id }) => id === "province_land");
  const source = { source: UNITS, "source-layer": UNITS } as const;
  const layers = [...style.layers];
  const areas = (id: string, opacity: number): LayerSpecification => ({
    id,
    type: "fill",
    ...source,
    filter: ["==", ["get", "level"], "district"],
    paint: { "fill-color": "transparent", "fill-opacity": opacity },
  });
  layers.splice(Math.max(at, land) + 1, 0, areas(FILL, 1), areas(PAPER, 0), {
    id: LINE,
    type: "line",
    ...source,
    filter: ["==", ["get", "level"], "district"],
    paint: { "line-color": "#5b6b76", "line-width": 0.6 },
  });
  layers.push({
    id: CHOSEN,
    type: "line",
    ...source,
    filter: ["==", ["get", "id"], ""],
    paint: { "line-width": 3 },
  });
  // Without transitions, so that what is set before printing is what is printed.
  return {
    ...style,
    transition: { duration: 0 },
    layers: layers.filter(({ id }) => !/_area$/.test(id)),
  };
}
