import type { LayerSpecification } from "maplibre-gl";

/** The paint properties by which each type of map layer may be seen through. */
const PROPERTIES: Partial<Record<LayerSpecification["type"], readonly string[]>> = {
  fill: ["fill-opacity"],
  line: ["line-opacity"],
  circle: ["circle-opacity", "circle-stroke-opacity"],
  symbol: ["icon-opacity", "text-opacity"],
};

/**
 * An opacity of a style, a number or an expression, times a share.
 *
 * Expressions of the zoom must stay outermost, so the share goes into their outputs.
 */
export function faded(value: unknown, share: number): unknown {
  if (typeof value === "number") return value * share;
  if (!Array.isArray(value)) return value;
  const first = value[0] === "interpolate" ? 4 : value[0] === "step" ? 2 : null;
  if (first === null) return ["*", value, share];
  return value.map((part, at) =>
    at >= first && (at - first) % 2 === 0 ? faded(part, share) : part,
  );
}

/** The paint properties of a map layer when it is drawn with this share of its opacity. */
export function fadedPaint(layer: LayerSpecification, share: number): [string, unknown][] {
  const paint = (layer.paint ?? {}) as Record<string, unknown>;
  return (PROPERTIES[layer.type] ?? []).map((name) => [name, faded(paint[name] ?? 1, share)]);
}
