import { button, DRAWINGS, drawing, h } from "../dom";
import type { BoardMap } from "./board-map";
import { t } from "./words";

/** What is shown alone on a narrow screen. */
export type Part = "list" | "detail" | "map";

export interface Parts {
  bar: HTMLElement;
  tabs: HTMLElement;
  lists: HTMLElement[];
  map: HTMLElement;
  legend: HTMLElement;
  detail: HTMLElement;
  messages: HTMLElement;
}

/** The whole page: the bar, then list, map and detail side by side, or one of them at a time. */
export function frame(
  parts: Parts,
  map: () => BoardMap | null,
  show: (part: Part) => void,
): HTMLElement {
  const side = { class: "side-panel", id: "side", role: "tabpanel", "aria-label": t("lists") };
  return h(
    "div",
    { class: "frame", "data-part": "list" },
    parts.bar,
    h(
      "main",
      { class: "board" },
      h(
        "section",
        { class: "board-list", "aria-label": t("tabList") },
        parts.tabs,
        h("div", side, ...parts.lists),
      ),
      h(
        "section",
        { class: "board-map", "aria-label": t("tabMap") },
        parts.map,
        h("details", { class: "legend" }, h("summary", {}, t("legend")), parts.legend),
        mapButtons(map),
      ),
      h(
        "section",
        { class: "board-detail", "aria-label": t("tabDetail"), tabindex: 0 },
        parts.detail,
      ),
    ),
    partButtons(show),
    parts.messages,
  );
}

function partButtons(show: (part: Part) => void): HTMLElement {
  const parts: [Part, string][] = [
    ["list", t("tabList")],
    ["detail", t("tabDetail")],
    ["map", t("tabMap")],
  ];
  return h(
    "nav",
    { class: "parts", "aria-label": t("parts") },
    ...parts.map(([part, name]) => button({ "data-part": part }, () => show(part), name)),
  );
}

function mapButtons(map: () => BoardMap | null): HTMLElement {
  const one = (label: string, path: string, action: () => void): HTMLElement =>
    button({ class: "map-button", "aria-label": label, title: label }, action, drawing(path));
  return h(
    "div",
    { class: "map-buttons" },
    one(t("zoomIn"), DRAWINGS.plus, () => map()?.zoomBy(1)),
    one(t("zoomOut"), DRAWINGS.minus, () => map()?.zoomBy(-1)),
    one(t("wholeProvince"), DRAWINGS.home, () => map()?.showProvince()),
  );
}
