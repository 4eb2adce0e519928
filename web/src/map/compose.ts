import type {
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
  SymbolLayerSpecification,
} from "maplibre-gl";
import type { LayerConfig, MapConfig } from "../config";
import { narrowed } from "./ending";

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
/** Ends the id of the source that has the names of a layer's areas. */
export const NAMES = ":names";
const LEGEND = "dieuhanh:legend";
/** Beyond this zoom tiles hold nothing new: the map enlarges them instead of asking for more. */
export const DEEPEST_TILES = 16;
/** A source of names before `AreaNames` fills it. */
export const NAMES_SOURCE: SourceSpecification = {
  type: "geojson",
  data: { type: "FeatureCollection", features: [] },
};
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

/** Whether a map layer draws clusters: tile features with their number as `n`. */
function isCluster(layer: LayerSpecification): boolean {
  return "filter" in layer && JSON.stringify(layer.filter) === '["has","n"]';
}

/** Whether a map layer writes and draws no symbol. */
function isText(layer: LayerSpecification): boolean {
  return layer.type === "symbol" && layer.layout?.["icon-image"] === undefined;
}

/** The layer that writes the names of areas, reading them from the source that `AreaNames` fills. */
export function nameLayer(part: SymbolLayerSpecification, layer: string): LayerSpecification {
  const { "source-layer": _, ...name } = part;
  return { ...name, source: layer + NAMES };
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
 * `layer/id`. The names of areas have a source of their own (see `AreaNames`); like all
 * names they lie above symbols, which would hide them, and below clusters, whose numbers they make
 * way for. With a base map from elsewhere the ground of our own gives way to it.
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
  const clusters: LayerSpecification[] = [];
  const now = new Date();
  for (const layer of drawingOrder(config.layers)) {
    const style = styles.get(layer.id);
    if (!style) continue;
    if (typeof style.sprite === "string") map.sprite ??= absolute(style.sprite);
    map.sources[layer.id] = {
      type: "vector",
      tiles: [absolute(layer.tiles)],
      minzoom: layer.minZoom,
      maxzoom: Math.max(layer.minZoom, Math.min(layer.maxZoom, DEEPEST_TILES)),
    };
    for (const part of style.layers) {
      if (config.basemap && isGround(part)) continue;
      const composed = { ...narrowed(part, style, now), id: composedId(layer.id, part.id) };
      if (isArea(layer) && composed.type === "symbol") {
        names.push(nameLayer(composed, layer.id));
        map.sources[layer.id + NAMES] = NAMES_SOURCE;
      } else if ("source" in composed) {
        const drawn = { ...composed, source: layer.id };
        const level = isCluster(part) ? clusters : isText(drawn) ? names : map.layers;
        level.push(drawn);
      } else map.layers.push(composed);
    }
  }
  map.layers.push(...names, ...clusters);
  return map;
}
