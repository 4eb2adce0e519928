// How the epidemic goes: the numbers of the page of the epidemic, as cards that lead there.
import { h } from "../dom";
import type { Course } from "../epidemic/data";
import { weekNumbers } from "../epidemic/figures";
import { t } from "../epidemic/text";

/** The section with the numbers of the last week; null where nobody has reported anything. */
export function epidemicScene(course: Course | null): HTMLElement | null {
  if (!course?.days.some(({ community, isolated }) => community + isolated > 0)) return null;
  return h(
    "section",
    { class: "scene", "data-scene": "epidemic" },
    h("h2", {}, h("a", { href: "/epidemic" }, t("title"))),
    h(
      "ul",
      { class: "figures" },
      ...weekNumbers(course).map(({ id, title, value, about }) =>
        h(
          "li",
          { class: "figure", "data-figure": `epidemic_${id}` },
          h("h3", {}, title),
          h("p", { class: "number" }, h("strong", {}, value)),
          h("p", { class: "change" }, about),
        ),
      ),
    ),
  );
}
