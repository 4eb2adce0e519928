import { button, h } from "../dom";
import { pick } from "../locale";
import { CLOSED, type Filter, NO_FILTER, OPEN_STATES } from "./model";
import { t, type Words } from "./words";

type Choices = [value: string, label: string][];

/** The search field and the filters over the list. */
export class Filters {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  value: Filter;
  readonly #selects = new Map<keyof Filter, HTMLSelectElement>();
  readonly #summary: HTMLElement;
  readonly #changed: () => void;

  constructor(words: Words, value: Filter, changed: () => void) {
    this.value = { ...value };
    this.#changed = changed;
    this.search = h("input", {
      type: "search",
      placeholder: t("search"),
      "aria-label": t("search"),
      autocomplete: "off",
      value: value.text,
    });
    this.search.addEventListener("input", () => this.#set("text", this.search.value));
    this.#summary = h("summary", {});
    const codes = (column: string): Choices =>
      Object.entries(words.codes("sos_requests", column)).map(([code, title]) => [
        code,
        pick(title),
      ]);
    const states: Choices = OPEN_STATES.map((state) => [state, words.state(state)]);
    const districts: Choices = [...words.units]
      .filter(([code]) => code.length === 3)
      .sort(([, a], [, b]) => a.localeCompare(b, "vi"));
    this.element = h(
      "div",
      { class: "filters" },
      this.search,
      h(
        "details",
        {},
        this.#summary,
        h(
          "div",
          { class: "filter-fields" },
          this.#select("state", t("fState"), [...states, [CLOSED, t("closed")]]),
          this.#select("priority", t("fPriority"), codes("priority")),
          this.#select("category", t("fCategory"), codes("category")),
          this.#select("district", t("fDistrict"), districts),
          this.#select("whose", t("fWhose"), [
            ["mine", t("whoseMine")],
            ["none", t("whoseNone")],
          ]),
          button({ class: "button" }, () => this.#clear(), t("clearFilters")),
        ),
      ),
    );
    this.#count();
  }

  #select(name: keyof Filter, label: string, choices: Choices): HTMLElement {
    const select = h(
      "select",
      {},
      h("option", { value: "" }, t("all")),
      ...choices.map(([value, text]) =>
        h("option", { value, selected: value === this.value[name] }, text),
      ),
    );
    select.addEventListener("change", () => this.#set(name, select.value));
    this.#selects.set(name, select);
    return h("label", {}, label, select);
  }

  #set(name: keyof Filter, value: string): void {
    this.value = { ...this.value, [name]: value };
    this.#count();
    this.#changed();
  }

  #clear(): void {
    this.value = { ...NO_FILTER };
    this.search.value = "";
    for (const select of this.#selects.values()) select.value = "";
    this.#count();
    this.#changed();
  }

  #count(): void {
    const { text: _, ...others } = this.value;
    const count = Object.values(others).filter(Boolean).length;
    this.#summary.textContent = count ? t("filtersOn", { count }) : t("filters");
  }
}
