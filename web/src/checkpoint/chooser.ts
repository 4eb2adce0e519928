import { button, h } from "../dom";
import { type Checkpoint, search } from "./places";
import { t } from "./text";

const MOST_SHOWN = 30;

/** The list of sites to choose from, narrowed down by what is typed, which outlives the list. */
export function chooser(
  all: readonly Checkpoint[] | null,
  failed: boolean,
  typed: { text: string },
  choose: (one: Checkpoint) => void,
  retry: () => void,
): HTMLElement[] {
  const list = h("ul", { class: "places" });
  const count = h("p", { class: "quiet", role: "status" });
  const input = h("input", {
    id: "search",
    type: "search",
    autocomplete: "off",
    "data-key": "search",
  });
  input.value = typed.text;
  const show = (): void => {
    typed.text = input.value;
    const found = search(all ?? [], input.value);
    list.replaceChildren(
      ...found.slice(0, MOST_SHOWN).map((one) =>
        h(
          "li",
          {},
          button(
            { class: "place" },
            () => choose(one),
            h("b", {}, one.name),
            h("span", {}, [one.code, one.road].filter(Boolean).join(" · ")),
          ),
        ),
      ),
    );
    if (all === null) count.textContent = t(failed ? "noList" : "loading");
    else
      count.textContent =
        found.length > MOST_SHOWN
          ? t("shown", { n: MOST_SHOWN, count: found.length })
          : t("found", { n: found.length });
  };
  input.addEventListener("input", show);
  show();
  return [
    h("h2", {}, t("choose")),
    h("div", { class: "field" }, h("label", { for: "search" }, t("search")), input),
    count,
    list,
    ...(failed ? [button({ class: "button" }, retry, t("retry"))] : []),
  ];
}
