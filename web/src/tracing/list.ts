import { DRAWINGS, drawing, h } from "../dom";
import { clock } from "../form-parts";
import type { Trace } from "./api";
import { t } from "./text";
import { REQUEST } from "./words";

/** How a request stands, in a word. */
export function stateOf({ state }: Pick<Trace, "state">): HTMLElement {
  const { colour, text } = REQUEST[state];
  return h("span", { class: `flag-state flag-${colour}` }, t(text));
}

/** How far a request reaches, in words. */
export function reachOf({ since, until, least_s, orders }: Trace): string {
  const days = Math.round((Date.parse(until) - Date.parse(since)) / 86_400_000);
  const minutes = Math.abs(least_s) / 60;
  return [
    t("daysOf", { n: days }),
    least_s > 0 ? t("togetherFor", { n: minutes }) : t("withinOf", { n: minutes }),
    t(orders === 2 ? "bothOrders" : "firstOrder"),
  ].join(" · ");
}

/** A request in the list. */
export function requestItem(trace: Trace): HTMLElement {
  const address = `#request=${trace.id}`;
  return h(
    "li",
    {},
    h(
      "a",
      { href: address, "aria-current": location.hash === address ? "true" : null },
      h(
        "span",
        { class: "flag-head" },
        h("strong", {}, `${trace.code} · ${trace.case_ref}`),
        stateOf(trace),
      ),
      h("span", { class: "flag-about" }, reachOf(trace)),
      h(
        "span",
        { class: "flag-about" },
        [trace.asked_login, ...trace.districts, clock(trace.asked_at)].join(" · "),
      ),
    ),
  );
}

/** The way back to the list, on a phone. */
export function back(): HTMLElement {
  return h("a", { class: "button flag-back", href: "#" }, drawing(DRAWINGS.back), t("back"));
}
