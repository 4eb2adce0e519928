import type { Feature, LayerConfig, MapConfig } from "../config";
import { h } from "../dom";

/** Why an area of a result of analysis has its colour; null for features of other layers. */
export function explained(
  config: MapConfig,
  layer: LayerConfig,
  feature: Feature,
): HTMLElement | null {
  if (!layer.columns.some(({ name }) => name === "result")) return null;
  const place = h("div", {});
  import("../tools/analyse/why").then(
    ({ whyOf }) => place.replaceWith(whyOf(config, layer, feature)),
    () => place.remove(),
  );
  return place;
}
