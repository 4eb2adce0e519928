import { button, h } from "../dom";
import type { ContactState, Result, Trace } from "./api";
import { type TracingApp, why } from "./app";
import { ContactList, evidenceTable } from "./contacts";
import { t } from "./text";
import { timeline } from "./timeline";
import { CONTACT, CONTACT_STATES, EXPORT } from "./words";

const PAGE = 50;

/** What a request has found: the places on a map, the meetings over time, the contacts. */
export class ResultPart {
  readonly element = h("div", { class: "trace-result" });
  readonly #app: TracingApp;
  readonly #list: ContactList;
  #trace: Trace | null = null;
  #result: Result | null = null;
  #degree: 1 | 2 = 1;
  #state: ContactState | "" = "";
  #befores: number[] = [];
  #after = 0;
  #failed = "";
  #showsMap = false;

  /** `looked` is called after each look, which is recorded. */
  constructor(app: TracingApp, looked: () => void) {
    this.#app = app;
    this.#list = new ContactList(app, looked);
  }

  async show(trace: Trace): Promise<void> {
    this.#trace = trace;
    this.#degree = 1;
    this.#state = "";
    this.#showsMap = false;
    await this.#from(0, []);
  }

  async #from(after: number, befores: number[]): Promise<void> {
    const trace = this.#trace;
    if (!trace) return;
    this.#after = after;
    this.#befores = befores;
    this.#failed = "";
    try {
      this.#result = await this.#app.calls.result(trace.id, {
        degree: this.#degree,
        state: this.#state || null,
        after,
        limit: PAGE,
      });
    } catch (error) {
      this.#result = null;
      this.#failed = why(error);
    }
    this.#list.show(this.#result?.contacts ?? []);
    this.render();
  }

  render(): void {
    this.#list.render();
    const { contacts = [], total = 0, places = [] } = this.#result ?? {};
    const named = contacts.filter(({ evidence }) => evidence && evidence.length > 0);
    const focused = document.activeElement?.id;
    this.element.replaceChildren(
      h("h3", {}, t("result")),
      this.#filters(),
      ...(this.#failed ? [h("p", { class: "fault", role: "alert" }, this.#failed)] : []),
      h("p", { class: "flag-said", role: "status" }, t("shown", { n: contacts.length, total })),
      ...this.#map(places),
      ...(named.length > 0 && this.#trace
        ? [
            timeline(this.#trace, named),
            h(
              "details",
              { class: "trace-looks" },
              h("summary", {}, t("asTable")),
              h("div", { class: "trace-scroll" }, evidenceTable(named)),
            ),
          ]
        : []),
      this.#list.element,
      this.#pager(contacts.at(-1)?.place ?? 0, contacts.length),
      this.#exports(),
    );
    if (focused) this.element.querySelector<HTMLElement>(`#${CSS.escape(focused)}`)?.focus();
  }

  #filters(): HTMLElement {
    const degree = (value: 1 | 2): HTMLElement =>
      button(
        { id: `degree-${value}`, "aria-pressed": String(this.#degree === value) },
        () => {
          this.#degree = value;
          void this.#from(0, []);
        },
        t(value === 1 ? "firstContacts" : "secondContacts"),
      );
    const state = h(
      "select",
      { id: "filter-state", "aria-label": t("outcome") },
      h("option", { value: "" }, t("allStates")),
      ...CONTACT_STATES.map((value) => h("option", { value }, t(CONTACT[value]))),
    );
    state.value = this.#state;
    state.addEventListener("change", () => {
      this.#state = state.value as ContactState | "";
      void this.#from(0, []);
    });
    const both = this.#trace?.orders === 2;
    return h(
      "div",
      { class: "flag-filters" },
      both ? h("div", { class: "flag-states", role: "group" }, degree(1), degree(2)) : null,
      state,
    );
  }

  #map(places: Result["places"]): HTMLElement[] {
    if (places.length === 0) return [];
    const text = t(this.#showsMap ? "hideMap" : "showMap", { n: places.length });
    const toggle = button(
      { class: "button", id: "trace-map", "aria-expanded": String(this.#showsMap) },
      () => {
        this.#showsMap = !this.#showsMap;
        this.render();
      },
      text,
    );
    if (!this.#showsMap) return [toggle];
    const place = h("div", { class: "trace-map" });
    void import("./place-map").then(({ placeMap }) =>
      placeMap(place, t("mapLabel"), places).catch(() => {
        place.classList.add("map-missing");
        place.textContent = t("noMap");
      }),
    );
    const list = h(
      "ul",
      { class: "trace-places" },
      ...places
        .slice(0, 10)
        .map((one) => h("li", {}, h("b", {}, String(one.contacts)), ` ${one.name}`)),
    );
    return [toggle, place, list];
  }

  #pager(last: number, shown: number): HTMLElement {
    const [before, ...rest] = this.#befores;
    return h(
      "div",
      { class: "trace-actions" },
      before === undefined
        ? null
        : button({ class: "button" }, () => void this.#from(before, rest), t("previous")),
      shown < PAGE
        ? null
        : button(
            { class: "button" },
            () => void this.#from(last, [this.#after, ...this.#befores]),
            t("next"),
          ),
    );
  }

  #exports(): HTMLElement {
    const save = (format: "xlsx" | "csv"): HTMLElement =>
      button({ class: "button" }, () => void this.#export(format), t(EXPORT[format]));
    return h(
      "div",
      { class: "trace-actions" },
      save("xlsx"),
      save("csv"),
      h("p", { class: "flag-about" }, t("exportHint")),
    );
  }

  async #export(format: "xlsx" | "csv"): Promise<void> {
    const trace = this.#trace;
    if (!trace) return;
    try {
      const address = URL.createObjectURL(await this.#app.calls.export(trace.id, format));
      const link = h("a", { href: address, download: `${trace.code}.${format}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    } catch (error) {
      this.#failed = t("failed", { why: why(error) });
      this.render();
    }
  }
}
