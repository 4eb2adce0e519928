// The panel "why is this red?" on the card of an area, and where its numbers come from.
import type { Feature, LayerConfig, MapConfig } from "../../config";
import { h } from "../../dom";
import { formatInstant, formatNumber } from "../../format";
import { pick } from "../../language";
import { explain } from "./explain";
import { between, daysOf } from "./flows";
import { keptResult, type Properties, type Source } from "./result";
import { t } from "./text";
import "./analyse.css";

/** The panel for a feature of a layer of results; it fills when its provenance has come. */
export function whyOf(config: MapConfig, layer: LayerConfig, feature: Feature): HTMLElement {
  const place = h("div", { class: "why", role: "status" });
  const fill = (source: Source): void =>
    place.replaceChildren(...why(config, layer, feature.properties, source));
  keptResult(String(feature.properties.result)).then(fill, () => place.remove());
  return place;
}

/** What there is to say of an area of a result. */
export function why(
  config: MapConfig,
  layer: LayerConfig | undefined,
  area: Properties,
  source: Source,
): HTMLElement[] {
  const kind = typeof area.class === "string" ? area.class : null;
  const codes = layer?.columns.find(({ name }) => name === "class")?.codes;
  const code = kind === null ? undefined : codes?.[kind];
  const title = code ? pick(code) : (kind ?? between(area));
  const told = explain(area, source, title);
  return [
    h("h3", {}, told.heading),
    h("p", { class: "why-class" }, kind !== null && sample(layer, kind), title),
    ...told.sentences.map((text) => h("p", {}, text)),
    ...told.warnings.map((text) => h("p", { class: "why-warning" }, text)),
    provenance(config, source),
  ];
}

/** A square in the colour of a class. */
export function sample(layer: LayerConfig | undefined, kind: string): HTMLElement {
  const square = h("span", { class: "sample sample-area", "aria-hidden": "true" });
  const colour = colourOf(layer, kind);
  if (colour) square.style.setProperty("--sample", colour);
  return square;
}

/** The colour that a layer's style has for a class. */
export function colourOf(layer: LayerConfig | undefined, kind: string): string | null {
  const fill = layer?.drawing?.layers.find(({ type }) => type === "fill");
  const match = (fill?.paint as Record<string, unknown> | undefined)?.["fill-color"];
  if (!Array.isArray(match)) return null;
  for (let at = 2; at < match.length - 1; at += 2) {
    const codes: unknown[] = Array.isArray(match[at]) ? match[at] : [match[at]];
    if (codes.includes(kind)) return String(match[at + 1]);
  }
  return String(match.at(-1));
}

function provenance(config: MapConfig, source: Source): HTMLElement {
  const zone = config.province.timeZone;
  const inputs = source.inputs;
  const layer = config.layers.find(({ id }) => id === inputs.layer);
  const titled = layer ? pick(layer.title) : String(inputs.layer);
  const at = (moment: string | undefined): string | null =>
    moment === undefined ? null : formatInstant(moment, zone);
  const rows: [string, string | null | undefined][] = [
    [t("result"), source.title],
    [t("data"), source.process === "flows" ? t("checkIns") : titled],
    [t("period"), period(inputs, zone)],
    [t("filter"), inputs.filter === undefined ? null : String(inputs.filter)],
    [t("dataVersion"), formatNumber(source.layer_version)],
    [t("method"), `${source.process} ${source.version}`],
    [t("computed"), at(source.computed_at)],
    [t("keptBy"), source.kept_by],
    [t("expires"), at(source.expires)],
  ];
  const listed = rows.flatMap(([name, value]) =>
    value ? [h("dt", {}, name), h("dd", {}, value)] : [],
  );
  return h(
    "details",
    { class: "why-source" },
    h("summary", {}, t("provenance")),
    h("dl", { class: "fields" }, ...listed),
    source.id ? h("a", { href: `/api/results/${source.id}` }, t("whole")) : null,
  );
}

function period(inputs: Source["inputs"], zone: string): string {
  const days = daysOf(inputs);
  if (days !== null) return days;
  const interval = String(inputs.datetime ?? "");
  if (interval === "") return t("allTime");
  const ends = interval.split("/").map((end) => (/^\d/.test(end) ? formatInstant(end, zone) : "…"));
  return ends.join(" – ");
}
