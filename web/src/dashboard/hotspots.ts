// Where it is hot now and where it is getting worse: the newest kept results of analysis.
import { h } from "../dom";
import { formatInstant, formatNumber } from "../format";
import { pick } from "../locale";
import type { Hotspots, Place } from "./data";
import { t } from "./text";

const HEADINGS = { hotspots: "hotNow", emerging_hotspots: "hotWorse" } as const;

/** The section with a list of places for each result; null where none is kept. */
export function hotspotScene(found: Hotspots, timeZone: string): HTMLElement | null {
  if (found.results.length === 0) return null;
  return h(
    "section",
    { class: "scene", "data-scene": "hotspots" },
    h("h2", {}, t("hotspots")),
    h(
      "div",
      { class: "hot-lists" },
      ...found.results.map((result) => {
        const source = result.layer ? pick(result.layer) : "";
        const at = formatInstant(result.computed_at, timeZone);
        const more = result.places - result.listed.length;
        return h(
          "section",
          { class: "hot-list", "data-collection": result.collection },
          h("h3", {}, t(HEADINGS[result.collection])),
          h("p", { class: "soft" }, t("hotFrom", { title: result.title, source, at })),
          result.listed.length > 0
            ? h("ol", {}, ...result.listed.map(place))
            : h("p", { class: "soft" }, t("hotNone")),
          more > 0 ? h("p", { class: "soft" }, t("hotMore", { n: formatNumber(more) })) : null,
        );
      }),
    ),
  );
}

function place(one: Place): HTMLElement {
  const told = [
    one.class_title ? pick(one.class_title) : one.class,
    t("hotEvents", { n: formatNumber(one.n) }),
    one.cells > 1 ? t("hotCells", { n: formatNumber(one.cells) }) : "",
  ];
  return h(
    "li",
    { "data-class": one.class },
    h("a", { href: `/#feature=${one.feature}` }, one.name),
    h("span", { class: "soft" }, told.filter(Boolean).join(" · ")),
  );
}
