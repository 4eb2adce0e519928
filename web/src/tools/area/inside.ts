import type { Counts, LayerConfig, MapConfig } from "../../config";
import { h } from "../../dom";
import { formatNumber } from "../../format";
import { fetchJson, HttpError } from "../../http";
import { pick } from "../../locale";
import { all } from "../../map/cql2";
import type { LayerQueries } from "../../map/queries";
import type { Question } from "./selection";
import { t } from "./text";

/** What one layer has in an area: its counts, or the sentence that says why there are none. */
type Found = { layer: LayerConfig; parameters: URLSearchParams } & (
  | { counts: Counts; trouble: null }
  | { counts: null; trouble: string }
);

/** The parameters by which a layer's features in an area are had, its own query among them. */
export function insideParameters(
  layer: LayerConfig,
  queries: LayerQueries,
  question: Question,
): URLSearchParams {
  const parameters = queries.parameters(layer.id);
  const filter = all([queries.get(layer.id).filter, question.condition(layer)]);
  if (filter !== null) parameters.set("filter", filter);
  return parameters;
}

async function ask(
  layer: LayerConfig,
  parameters: URLSearchParams,
  signal: AbortSignal,
): Promise<Found> {
  const asked = new URLSearchParams(parameters);
  if (layer.classColumn) asked.set("by", layer.classColumn);
  try {
    const counts = await fetchJson<Counts>(`${layer.counts}?${asked}`, signal);
    return { layer, parameters, counts, trouble: null };
  } catch (error) {
    if (signal.aborted) throw error;
    const problem = error instanceof HttpError ? error.problem : null;
    const trouble = problem?.rule ? pick(problem.rule) : (problem?.detail ?? t("failed"));
    return { layer, parameters, counts: null, trouble };
  }
}

/**
 * What lies in an area, layer by layer, with its classes and downloads.
 *
 * @throws DOMException named AbortError when the signal fires.
 */
export async function inside(
  config: MapConfig,
  queries: LayerQueries,
  question: Question,
  signal: AbortSignal,
): Promise<HTMLElement[]> {
  const found = await Promise.all(
    config.layers.map((layer) => ask(layer, insideParameters(layer, queries, question), signal)),
  );
  const some = found.filter(({ counts }) => counts === null || counts.numberMatched > 0);
  const sum = found.reduce((n, { counts }) => n + (counts?.numberMatched ?? 0), 0);
  const layers = found.filter(({ counts }) => (counts?.numberMatched ?? 0) > 0).length;
  const said = sum === 0 ? t("none") : t("found", { n: formatNumber(sum), layers });
  return [
    h("p", { class: "inside-total" }, said),
    ...some.map((one) => section(one, config, queries.parameters(one.layer.id).size > 0)),
  ];
}

function section(found: Found, { formats }: MapConfig, isFiltered: boolean): HTMLElement {
  const { layer, counts, parameters } = found;
  const title = pick(layer.title);
  const head = h(
    "h3",
    {},
    h("span", {}, title),
    isFiltered && h("span", { class: "inside-filtered" }, t("filtered")),
    counts !== null && h("span", { class: "inside-count" }, formatNumber(counts.numberMatched)),
  );
  const element = h("section", { class: "inside", "data-layer": layer.id }, head);
  if (counts === null) {
    element.append(h("p", { class: "inside-wrong" }, found.trouble));
    return element;
  }
  const column = layer.columns.find(({ name }) => name === layer.classColumn);
  const classes = counts.counts
    .flatMap(({ values }) => values)
    .map(({ value, count }) => {
      const code = value === null ? undefined : column?.codes?.[String(value)];
      const label = value === null ? t("missing") : code ? pick(code) : String(value);
      return h("li", {}, h("span", {}, label), h("span", {}, formatNumber(count)));
    });
  if (classes.length > 0) element.append(h("ul", {}, ...classes));
  const n = formatNumber(counts.numberMatched);
  const links = formats.map(({ f, title: format }) => {
    const address = new URLSearchParams(parameters);
    address.set("f", f);
    const label = t("downloadAs", { layer: title, n, format });
    return h(
      "a",
      { href: `${layer.export}?${address}`, download: "", "aria-label": label },
      format,
    );
  });
  element.append(
    h("details", {}, h("summary", {}, t("download")), h("p", { class: "downloads" }, ...links)),
  );
  return element;
}
