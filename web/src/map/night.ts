// The maps in the dark theme: the same style with the lightness of its ground and letters turned over.
import type { LayerSpecification, Map as MapLibre, StyleSpecification } from "maplibre-gl";
import { onTheme, theme } from "../theme";
import { type LegendEntry, legendOf, NAMES } from "./compose";

/** Sources whose colours all turn: the ground, and what the page itself marks. */
const TURNED: ReadonlySet<string> = new Set([
  "admin_units",
  `admin_units${NAMES}`,
  "selection",
  "features",
]);
const COLOUR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
/** Lightness of what is white by day and of what is black, and the share of saturation kept. */
const [WHITE, BLACK, SATURATION] = [0.14, 1, 0.35];

/** A colour as it is at night: light for dark, with its hue. Others than hexadecimal ones stay. */
export function nightColour(colour: string): string {
  if (!COLOUR.test(colour)) return colour;
  const digits = colour.length === 4 ? colour.replace(/[^#]/g, "$&$&") : colour;
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map(
    (at) => Number.parseInt(digits.slice(at, at + 2), 16) / 255,
  );
  const most = Math.max(r, g, b);
  const least = Math.min(r, g, b);
  const light = (most + least) / 2;
  const chroma = most - least;
  const turned = BLACK + (WHITE - BLACK) * light;
  const saturation = chroma === 0 ? 0 : chroma / (1 - Math.abs(2 * light - 1));
  const reach = (SATURATION * saturation * (1 - Math.abs(2 * turned - 1))) / (chroma || 1);
  return `#${[r, g, b]
    .map((one) => {
      const value = Math.min(1, Math.max(0, turned + (one - light) * reach));
      return Math.round(value * 255)
        .toString(16)
        .padStart(2, "0");
    })
    .join("")}`;
}

/** A style as it is at night. Symbols, circles of clusters and alerts keep their colours. */
export function nightStyle(style: StyleSpecification): StyleSpecification {
  return { ...style, layers: style.layers.map(nightLayer) };
}

function nightLayer(layer: LayerSpecification): LayerSpecification {
  const all = layer.type === "background" || TURNED.has(String("source" in layer && layer.source));
  // Letters with a halo lie on the ground; those without are on a circle.
  const letters = layer.type === "symbol" && layer.paint?.["text-halo-color"] !== undefined;
  if (!layer.paint || !(all || letters)) return layer;
  const paint = Object.fromEntries(
    Object.entries(layer.paint).map(([name, value]) => [
      name,
      name.endsWith("-color") ? turned(value) : value,
    ]),
  );
  return { ...layer, paint } as LayerSpecification;
}

/** A value or an expression with its colours turned. */
function turned(value: unknown): unknown {
  if (typeof value === "string") return nightColour(value);
  return Array.isArray(value) ? value.map(turned) : value;
}

/** A style in the theme in use. */
export function inTheme(day: StyleSpecification): StyleSpecification {
  return theme() === "dark" ? nightStyle(day) : day;
}

/** A style as a map has it now, in the colours that it has by day: paper is light. */
export function onPaper(now: StyleSpecification, day: StyleSpecification): StyleSpecification {
  const colours = new Map(day.layers.map(({ id, paint }) => [id, Object.entries(paint ?? {})]));
  const layers = now.layers.map((layer) => {
    const own = colours.get(layer.id)?.filter(([name]) => name.endsWith("-color")) ?? [];
    return { ...layer, paint: { ...layer.paint, ...Object.fromEntries(own) } };
  });
  return { ...now, layers: layers as LayerSpecification[] };
}

/** Paints a map anew after each change of the theme, from its style as it is by day. */
export function keepInTheme(map: MapLibre, day: StyleSpecification): void {
  const repaint = (): void => {
    for (const { id, paint } of inTheme(day).layers)
      for (const [name, value] of Object.entries(paint ?? {}))
        if (name.endsWith("-color") && map.getLayer(id))
          map.setPaintProperty(id, name as "line-color", value);
  };
  const stop = onTheme(() => {
    if (map.getLayersOrder().length > 0) repaint();
    else map.once("style.load", repaint);
  });
  map.once("remove", stop);
}

/** The legend in a style, its colours as the map has them in the theme in use. */
export function legendInTheme(style: StyleSpecification | undefined): LegendEntry[] {
  const legend = legendOf(style);
  const turns =
    theme() === "dark" && Object.keys(style?.sources ?? {}).some((id) => TURNED.has(id));
  if (!turns) return legend;
  return legend.map((entry) =>
    entry.color ? { ...entry, color: nightColour(entry.color) } : entry,
  );
}
