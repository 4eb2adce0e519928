import { button, h } from "../dom";
import { tx } from "../edit/texts";
import { pick } from "../locale";
import type { RegisterColumn } from "./records";
import { t } from "./text";

/** Filters that are seen at once; the others come when they are asked for. */
const FIRST = matchMedia("(max-width: 700px)").matches ? 0 : 2;

/** The values by which a list is filtered, by column; none is empty. */
export type Chosen = Record<string, string>;

/**
 * The search and the filters of a register.
 *
 * @param onChange called with what is chosen, and the words that are looked for.
 */
export function filterBar(
  columns: RegisterColumn[],
  chosen: Chosen,
  words: string,
  onChange: (chosen: Chosen, words: string) => void,
): HTMLElement {
  const search = h("input", {
    id: "register-q",
    type: "search",
    autocomplete: "off",
    value: words,
  });
  const selects = columns.map((column) => {
    const select = h("select", { id: `filter-${column.name}` });
    select.append(h("option", { value: "" }, t("all")));
    for (const [value, title] of options(column)) select.append(h("option", { value }, title));
    select.value = chosen[column.name] ?? "";
    select.addEventListener("change", () => apply());
    return { column, select };
  });

  function apply(): void {
    const now = selects
      .map(({ column, select }): [string, string] => [column.name, select.value])
      .filter(([, value]) => value !== "");
    onChange(Object.fromEntries(now), search.value.trim());
  }

  const fields = selects.map(({ column, select }) =>
    h(
      "div",
      { class: "field" },
      h("label", { for: `filter-${column.name}` }, pick(column.title)),
      select,
    ),
  );
  const further = fields.slice(FIRST);
  const isNarrowed = selects.slice(FIRST).some(({ select }) => select.value !== "");
  const form = h(
    "form",
    { class: "filters", role: "search" },
    h(
      "div",
      { class: "field search-field" },
      h("label", { for: "register-q" }, t("search")),
      h("div", { class: "with-button" }, search, h("button", { class: "button" }, t("find"))),
    ),
    ...fields.slice(0, FIRST),
    further.length > 0 &&
      h(
        "details",
        { open: isNarrowed },
        h("summary", { class: "button" }, t("filters")),
        h("div", { class: "further" }, ...further),
      ),
    Object.keys(chosen).length > 0 || words !== ""
      ? button({ class: "button" }, () => onChange({}, ""), t("clear"))
      : null,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  return form;
}

function options(column: RegisterColumn): [string, string][] {
  if (column.type === "boolean")
    return [
      ["true", tx("yes")],
      ["false", tx("no")],
    ];
  return Object.entries(column.codes ?? {}).map(([value, title]) => [value, pick(title)]);
}
