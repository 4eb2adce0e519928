import type { LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { LayerConfig, MapConfig } from "../config";

/** One line of a layer's legend, as its style carries it. */
export interface LegendEntry {
  label: { vi: string; en: string };
  icon?: string;
  color?: string;
  shape?: "line" | "dash" | "area" | "circle";
}

/** The styles that could be had, by the id of their layer. */
export type Styles = ReadonlyMap<string, StyleSpecification>;

const ROLE = "dieuhanh:role";
const GROUND = "ground";
const LEGEND = "dieuhanh:legend";
/** Beyond this zoom tiles hold nothing new: the map enlarges them instead of asking for more. */
const DEEPEST_TILES = 16;
const AREAS: ReadonlySet<string> = new Set(["Polygon", "MultiPolygon", "Geometry"]);

/** The legend in a style's metadata; empty if it has none. */
export function legendOf(style: StyleSpecification | undefined): LegendEntry[] {
  const metadata = style?.metadata as Record<string, unknown> | undefined;
  const legend = metadata?.[LEGEND];
  return Array.isArray(legend) ? (legend as LegendEntry[]) : [];
}

/** The id that a style's layer has on the composed map. */
export function composedId(layer: string, id: string): string {
  return `${layer}/${id}`;
}

/** The layer that a composed map layer belongs to. */
export function ownerOf(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf("/")));
}

/** Whether a map layer is ground (sea and land), which stays when its layer is turned off. */
export function isGround(layer: LayerSpecification): boolean {
  return (layer.metadata as Record<string, unknown> | undefined)?.[ROLE] === GROUND;
}

/** The layers in the order they are drawn: areas below points, the first of the list on top. */
export function drawingOrder(layers: readonly LayerConfig[]): LayerConfig[] {
  return [...layers].reverse().sort((a, b) => Number(isArea(b)) - Number(isArea(a)));
}

function isArea(layer: LayerConfig): boolean {
  return AREAS.has(layer.geometryType);
}

/**
 * Puts the styles of all layers together into one: their sources by layer id, their layers by
 * `layer/id`. The names of areas lie above the points, which would hide them. With a base map from
 * elsewhere the ground of our own gives way to it.
 */
export function compose(config: MapConfig, styles: Styles, origin: string): StyleSpecification {
  const absolute = (address: string): string =>
    address.startsWith("/") ? origin + address : address;
  const map: StyleSpecification = { version: 8, sources: {}, layers: [] };
  if (config.basemap) {
    map.sources.basemap = {
      type: "raster",
      tiles: [config.basemap.tiles],
      tileSize: 256,
      attribution: config.basemap.attribution,
    };
    map.layers.push({ id: "basemap", type: "raster", source: "basemap" });
  }
  const names: LayerSpecification[] = [];
  for (const layer of drawingOrder(config.layers)) {
    const style = styles.get(layer.id);
    if (!style) continue;
    if (typeof style.sprite === "string") map.sprite ??= absolute(style.sprite);
    if (style.glyphs) map.glyphs ??= absolute(style.glyphs);
    map.sources[layer.id] = {
      type: "vector",
      tiles: [absolute(layer.tiles)],
      minzoom: layer.minZoom,
      maxzoom: Math.max(layer.minZoom, Math.min(layer.maxZoom, DEEPEST_TILES)),
    };
    for (const part of style.layers) {
      if (config.basemap && isGround(part)) continue;
      const composed = { ...part, id: composedId(layer.id, part.id) };
      const drawn = "source" in composed ? { ...composed, source: layer.id } : composed;
      if (isArea(layer) && part.type === "symbol") names.push(drawn);
      else map.layers.push(drawn);
    }
  }
  map.layers.push(...names);
  return map;
}
