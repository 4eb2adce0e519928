// What is said of flows between units: a legend, what is hidden and why, and the strongest ones.
import { button, h } from "../../dom";
import { formatNumber, formatShortDate } from "../../format";
import { type Arc, arcs, FLOW, strongest, widthOf } from "./arcs";
import type { Explanation } from "./explain";
import type { Properties, Result, Source } from "./result";
import { t } from "./text";

/** Rows of the table. */
const LISTED = 10;
/** Shares of the strongest flow that the legend shows below it. */
const SHARES = [0.5, 0.1];

/** What the arcs of a result mean, and how many flows are hidden. */
export function flowLegend(result: Result): HTMLElement[] {
  const k = formatNumber(Number(result.provenance.inputs.fewest));
  const none = h("p", {}, t("noFlows", { k }));
  return [result.features.length > 0 ? legend(strongest(result)) : none, hidden(result, k)];
}

function legend(most: number): HTMLElement {
  const shown = new Set([most, ...SHARES.map((share) => Math.max(1, rounded(most * share)))]);
  const lines = [...shown].map((n) => {
    const line = h("span", { class: "flow-sample", "aria-hidden": "true" });
    line.style.setProperty("--flow-width", `${widthOf(n, most)}px`);
    return h("li", {}, line, h("span", {}, t("flowSteps", { n: formatNumber(n) })));
  });
  return h(
    "div",
    {},
    h("ul", { class: "analyse-legend", "aria-label": t("legend") }, ...lines),
    h("p", { class: "tool-note" }, t("flowLegend")),
  );
}

/** To one significant digit, except the small ones. */
function rounded(n: number): number {
  return n < 10 ? Math.round(n) : Number(n.toPrecision(1));
}

function hidden({ summary }: Result, k: string): HTMLElement {
  const told = {
    k,
    flows: formatNumber(Number(summary.left_out)),
    n: formatNumber(Number(summary.left_out_n)),
  };
  return h("p", { class: "flow-hidden" }, t(summary.left_out ? "flowsHidden" : "flowsWhole", told));
}

/** The strongest flows; a press on a row marks one. Null where there is none. */
export function flowTable(
  result: Result,
  marked: unknown,
  onMark: (flow: Arc) => void,
): HTMLElement | null {
  if (result.features.length === 0) return null;
  const rows = arcs(result).features.slice(0, LISTED);
  return h(
    "table",
    { class: "flow-table" },
    h("caption", {}, t("flowTable")),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ...(["flowBetween", "flowN", "flowPersons"] as const).map((name) =>
          h("th", { scope: "col" }, t(name)),
        ),
      ),
    ),
    h(
      "tbody",
      {},
      ...rows.map((row) =>
        h(
          "tr",
          {},
          h(
            "th",
            { scope: "row" },
            button(
              { "aria-pressed": String(row.properties[FLOW] === marked) },
              () => onMark(row),
              between(row.properties),
            ),
          ),
          h("td", {}, formatNumber(Number(row.properties.n))),
          h("td", {}, formatNumber(Number(row.properties.persons))),
        ),
      ),
    ),
  );
}

/** The days that a result is of; null where it was asked for by no days. */
export function daysOf({ first, last }: Source["inputs"]): string | null {
  if (first === undefined) return null;
  return [first, last].map((day) => formatShortDate(String(day))).join(" – ");
}

/** From where to where a flow goes. */
export function between(flow: Properties): string {
  return t("between", { from: String(flow.from_name), to: String(flow.to_name) });
}

/** What a line means, in sentences with its numbers. */
export function explainFlow(flow: Properties, { inputs, summary }: Source): Explanation {
  const k = formatNumber(Number(inputs.fewest));
  const names = { from: String(flow.from_name), to: String(flow.to_name) };
  const told = [
    t("flowTold", {
      ...names,
      n: formatNumber(Number(flow.n)),
      persons: formatNumber(Number(flow.persons)),
    }),
    t("flowMeans", names),
    typeof flow.back === "number"
      ? t("flowBack", { n: formatNumber(flow.back) })
      : t("flowNoBack", { k }),
  ];
  const all = Number(summary?.n);
  if (all > 0)
    told.push(
      t("flowShare", {
        rank: formatNumber(Number(flow.rank)),
        flows: formatNumber(Number(summary?.flows)),
        share: formatNumber(Math.round((1000 * Number(flow.n)) / all) / 10),
      }),
    );
  return { heading: t("whyFlow"), sentences: told, warnings: [t("flowFew", { k })] };
}
