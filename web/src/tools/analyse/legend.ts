// The classes of a result, in the colours of the layer that it would be kept in.
import type { LayerConfig } from "../../config";
import { h } from "../../dom";
import { formatNumber } from "../../format";
import { pick } from "../../language";
import type { Result } from "./result";
import { t } from "./text";
import { sample } from "./why";

/** The classes that a result has, each with how many areas. */
export function classLegend(result: Result, layer: LayerConfig | undefined): HTMLElement {
  const counts = new Map<string, number>();
  for (const { properties } of result.features) {
    const kind = String(properties.class);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const codes = layer?.columns.find(({ name }) => name === "class")?.codes ?? {};
  const lines = Object.entries(codes).flatMap(([kind, title]) => {
    const count = counts.get(kind);
    if (count === undefined) return [];
    const told = h("span", { class: "count" }, formatNumber(count));
    return [h("li", {}, sample(layer, kind), h("span", {}, pick(title)), told)];
  });
  return h("ul", { class: "analyse-legend", "aria-label": t("legend") }, ...lines);
}
