import { button, h } from "../dom";
import { t } from "../language";

/** A message in place of the map. */
export function message(title: string, hint: string, retry: (() => void) | null): HTMLElement {
  return h(
    "div",
    { class: "message", role: "alert" },
    h("h2", {}, title),
    h("p", {}, hint),
    retry && button({ class: "button button-strong" }, retry, t("retry")),
  );
}
