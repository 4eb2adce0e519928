// The list of kept results, and the form that keeps one.
import type { MapConfig } from "../../config";
import { button, h } from "../../dom";
import { formatInstant } from "../../format";
import { pick } from "../../language";
import type { Kept } from "./result";
import { t } from "./text";

const KEPT_DAYS = 30;

/** The results that are kept; a press shows one, and whoever may removes it. */
export function keptList(
  config: MapConfig,
  results: readonly Kept[],
  mayRemove: (one: Kept) => boolean,
  actions: { open(one: Kept): void; remove(one: Kept): void },
): HTMLElement {
  const lines = results.map((one) =>
    h(
      "li",
      {},
      button(
        { class: "kept-title", "aria-label": t("show", { title: one.title }) },
        () => actions.open(one),
        h("span", {}, one.title),
        h("span", { class: "tool-note" }, about(config, one)),
      ),
      mayRemove(one) &&
        button(
          { class: "button", "aria-label": t("removeOf", { title: one.title }) },
          () => actions.remove(one),
          t("remove"),
        ),
    ),
  );
  return h(
    "details",
    { class: "kept-results" },
    h("summary", {}, t("keptList")),
    lines.length > 0 ? h("ul", {}, ...lines) : h("p", { class: "tool-note" }, t("noneKept")),
  );
}

function about(config: MapConfig, one: Kept): string {
  const layer = config.layers.find(({ id }) => id === one.layer);
  return t("keptOf", {
    process: one.process_title ? pick(one.process_title) : one.process,
    layer: layer ? pick(layer.title) : one.layer,
    at: formatInstant(one.kept_at, config.province.timeZone),
  });
}

/**
 * The form in which a result is kept.
 *
 * @param usual the title that is offered.
 * @param isPublic whether everybody will see the result.
 */
export function keepingForm(
  usual: string,
  isPublic: boolean,
  onKeep: (title: string, days: number) => void,
): HTMLElement {
  const title = h("input", { type: "text", required: true, maxlength: 160, value: usual });
  const days = h("input", { type: "number", min: 1, max: 366, required: true, value: KEPT_DAYS });
  const form = h(
    "form",
    { class: "keeping" },
    h("label", { class: "tool-field" }, h("span", {}, t("keepTitle")), title),
    h("label", { class: "tool-field" }, h("span", {}, t("keepDays")), days),
    h("p", { class: "tool-note" }, t(isPublic ? "keepPublic" : "keepStaff")),
    h("button", { class: "button button-strong" }, t("keep")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onKeep(title.value, days.valueAsNumber);
  });
  return form;
}
