import type { SearchResult } from "../config";
import { button, DRAWINGS, drawing, h } from "../dom";
import { formatNumber } from "../format";
import { fetchJson } from "../http";
import { language, t } from "../language";

const PAUSE_MS = 180;
const MOST = 8;

/** The search field: a combobox whose list follows what is typed, by keyboard as by pointer. */
export class SearchBox {
  readonly element: HTMLElement;
  readonly #choose: (result: SearchResult) => void;
  readonly #input: HTMLInputElement;
  readonly #list: HTMLUListElement;
  readonly #status: HTMLElement;
  readonly #clear: HTMLButtonElement;
  #results: SearchResult[] = [];
  #active = -1;
  #timer = 0;
  #running: AbortController | null = null;

  constructor(choose: (result: SearchResult) => void) {
    this.#choose = choose;
    this.#input = h("input", {
      id: "search",
      type: "search",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      enterkeyhint: "search",
      "aria-autocomplete": "list",
      "aria-controls": "search-results",
      "aria-expanded": "false",
      maxlength: 100,
    });
    this.#list = h("ul", { id: "search-results", role: "listbox", hidden: true });
    this.#status = h("p", { class: "search-status", role: "status" });
    this.#clear = button(
      { class: "icon-button search-clear", hidden: true },
      () => {
        this.#reset();
        this.#input.focus();
      },
      drawing(DRAWINGS.close),
    );
    this.element = h(
      "div",
      { class: "search", role: "search" },
      h("div", { class: "search-field" }, drawing(DRAWINGS.search), this.#input, this.#clear),
      h("div", { class: "search-drop" }, this.#list, this.#status),
    );
    this.#listen();
    this.translate();
  }

  /** Puts the texts in the language in use. */
  translate(): void {
    this.#input.placeholder = t("searchPlaceholder");
    this.#input.setAttribute("aria-label", t("searchLabel"));
    this.#list.setAttribute("aria-label", t("searchLabel"));
    this.#clear.setAttribute("aria-label", t("searchClear"));
    // What is found names layers and places in the language of the moment.
    if (!this.#list.hidden) void this.#search();
    else {
      this.#results = [];
      this.#say("");
    }
  }

  #listen(): void {
    this.#input.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#clear.hidden = this.#input.value === "";
      if (this.#input.value.trim() === "") this.#reset();
      else this.#timer = window.setTimeout(() => void this.#search(), PAUSE_MS);
    });
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("focus", () => this.#show(this.#results.length > 0));
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.#show(false);
    });
  }

  #key(event: KeyboardEvent): void {
    const last = this.#results.length - 1;
    if (event.key === "ArrowDown") this.#activate(this.#active >= last ? 0 : this.#active + 1);
    else if (event.key === "ArrowUp") this.#activate(this.#active <= 0 ? last : this.#active - 1);
    else if (event.key === "Enter") this.#take(this.#results[Math.max(0, this.#active)]);
    else if (event.key === "Escape") this.#reset();
    else return;
    event.preventDefault();
  }

  async #search(): Promise<void> {
    const q = this.#input.value.trim();
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#say(t("searching"));
    try {
      const address = `/api/search?q=${encodeURIComponent(q)}&limit=${MOST}&lang=${language()}`;
      const { results } = await fetchJson<{ results: SearchResult[] }>(address, running.signal);
      if (running.signal.aborted) return;
      this.#results = results;
      this.#fill();
      const n = formatNumber(results.length);
      this.#say(results.length > 0 ? t("searchFound", { n }) : t("searchNone", { q }));
    } catch {
      if (running.signal.aborted) return;
      this.#results = [];
      this.#fill();
      this.#say(t("searchFailed"));
    }
  }

  #fill(): void {
    this.#list.replaceChildren(
      ...this.#results.map((result, index) => {
        const option = h(
          "li",
          { id: `search-result-${index}`, role: "option", "aria-selected": "false" },
          h("span", { class: "result-title" }, result.title),
          h("span", { class: "result-kind" }, result.subtitle),
        );
        // Not click: the field would lose the focus first, and the list would be gone.
        option.addEventListener("pointerdown", (event) => event.preventDefault());
        option.addEventListener("click", () => this.#take(result));
        return option;
      }),
    );
    this.#active = -1;
    this.#input.removeAttribute("aria-activedescendant");
    this.#show(this.#results.length > 0);
  }

  #activate(index: number): void {
    this.#active = index;
    for (const [at, option] of [...this.#list.children].entries()) {
      option.setAttribute("aria-selected", String(at === index));
      if (at === index) option.scrollIntoView({ block: "nearest" });
    }
    if (index >= 0) this.#input.setAttribute("aria-activedescendant", `search-result-${index}`);
  }

  #take(result: SearchResult | undefined): void {
    if (!result) return;
    this.#input.value = result.title;
    this.#clear.hidden = false;
    this.#show(false);
    this.#say("");
    this.#input.blur();
    this.#choose(result);
  }

  #show(open: boolean): void {
    this.#list.hidden = !open;
    this.#input.setAttribute("aria-expanded", String(open));
  }

  #say(text: string): void {
    this.#status.textContent = text;
  }

  #reset(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#input.value = "";
    this.#clear.hidden = true;
    this.#results = [];
    this.#fill();
    this.#say("");
  }
}
