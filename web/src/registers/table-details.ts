import { h } from "../dom";

/** A table that is seen when it is asked for. */
export function tableDetails(
  summary: string,
  label: string,
  head: string[],
  rows: HTMLElement[],
): HTMLElement {
  return h(
    "details",
    { class: "forecast" },
    h("summary", {}, summary),
    h(
      "div",
      { class: "table-scroll", tabindex: 0, role: "region", "aria-label": label },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...head.map((title) => h("th", { scope: "col" }, title)))),
        h("tbody", {}, ...rows),
      ),
    ),
  );
}
