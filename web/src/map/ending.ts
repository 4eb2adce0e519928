import type { FilterSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";

const CURRENT = "dieuhanh:current";
const NOW = '"$now"';

/** Whether features of a layer come to an end, as its style says: what is over is not drawn. */
export function ends(style: StyleSpecification | undefined): boolean {
  return currentOf(style) !== undefined;
}

/** Whether it is by time that features come to an end, not by what has come after them. */
export function endsByTime(style: StyleSpecification | undefined): boolean {
  return JSON.stringify(currentOf(style) ?? null).includes(NOW);
}

function currentOf(style: StyleSpecification | undefined): unknown {
  return (style?.metadata as Record<string, unknown> | undefined)?.[CURRENT];
}

/** A part of a style that draws only what is not over at that time; itself if nothing ends. */
export function narrowed<T extends LayerSpecification>(
  part: T,
  style: StyleSpecification,
  now: Date,
): T {
  if (!ends(style) || part.type === "background") return part;
  const instant = `${now.toISOString().slice(0, 19)}Z`;
  const text = JSON.stringify(currentOf(style)).replaceAll(NOW, JSON.stringify(instant));
  const current = JSON.parse(text) as FilterSpecification;
  const own = filterOf(part);
  return { ...part, filter: own ? (["all", own, current] as FilterSpecification) : current };
}

/** The filter of a part of a style. */
export function filterOf(part: LayerSpecification): FilterSpecification | undefined {
  return "filter" in part ? part.filter : undefined;
}
