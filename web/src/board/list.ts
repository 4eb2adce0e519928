import { button, h } from "../dom";
import { categorySymbol } from "../sos/symbols";
import { type Assignment, hasTeam, type SosRequest } from "./model";
import { duration, t, type Words } from "./words";

const STEP = 150;

interface Row {
  signature: string;
  element: HTMLLIElement;
  age: HTMLElement;
  reportedAt: number;
}

/** The list of requests: each a button, those already there kept as they are. */
export class RequestList {
  readonly element: HTMLElement;
  readonly #rows = new Map<string, Row>();
  readonly #list: HTMLOListElement;
  readonly #count: HTMLElement;
  readonly #more: HTMLButtonElement;
  readonly #pick: (id: string) => void;
  readonly #now: () => number;
  #most = STEP;
  #order: SosRequest[] = [];
  #again: () => void = () => undefined;

  /** @param now the server's time, in milliseconds since 1970. */
  constructor(pick: (id: string) => void, now: () => number) {
    this.#pick = pick;
    this.#now = now;
    this.#list = h("ol", { class: "rows" });
    this.#count = h("p", { class: "count" });
    this.#more = button({ class: "button", hidden: true }, () => {
      this.#most += STEP;
      this.#again();
    });
    const heads = [
      "colCode",
      "colCategory",
      "colPeople",
      "colPlace",
      "colAge",
      "colState",
    ] as const;
    this.element = h(
      "div",
      { class: "list" },
      h(
        "div",
        { class: "row-heads", "aria-hidden": "true" },
        ...heads.map((key) => h("span", {}, t(key))),
      ),
      h("div", { class: "scroll" }, this.#list, this.#count, this.#more),
    );
  }

  /** The ids in the order shown. */
  get order(): readonly SosRequest[] {
    return this.#order;
  }

  show(
    order: SosRequest[],
    total: number,
    selected: string | null,
    fresh: ReadonlySet<string>,
    assignments: ReadonlyMap<string, Assignment>,
    words: Words,
  ): void {
    this.#again = () => this.show(order, total, selected, fresh, assignments, words);
    const place = order.findIndex(({ id }) => id === selected);
    while (place >= this.#most) this.#most += STEP;
    this.#order = order;
    const focused = document.activeElement;
    const had = this.#list.contains(focused) ? focused : null;
    const shown = order.slice(0, this.#most);
    const elements = shown.map((request) =>
      this.#row(request, request.id === selected, fresh.has(request.id), assignments, words),
    );
    const kept = new Set(shown.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!kept.has(id)) this.#rows.delete(id);
    this.#list.replaceChildren(...elements);
    // Moving an element takes the focus from it.
    if (had instanceof HTMLElement) {
      const back = had.isConnected ? had : this.#list.querySelector<HTMLElement>("[aria-current]");
      back?.focus({ preventScroll: true });
    }
    this.#count.textContent =
      total === 0
        ? t("nothing")
        : order.length === 0
          ? t("nothingFound")
          : t("shown", { shown: shown.length, count: order.length });
    this.#more.hidden = shown.length === order.length;
    this.#more.textContent = t("more", { count: Math.min(STEP, order.length - shown.length) });
  }

  /** Brings a request into view, and the focus to it. */
  reveal(id: string, focus: boolean): void {
    const row = this.#rows.get(id)?.element.firstElementChild as HTMLElement | null | undefined;
    row?.scrollIntoView({ block: "nearest" });
    if (focus) row?.focus({ preventScroll: true });
  }

  /** Writes how long each has waited. */
  tick(): void {
    for (const row of this.#rows.values()) {
      const text = duration((this.#now() - row.reportedAt) / 1000);
      if (row.age.textContent !== text) row.age.textContent = text;
    }
  }

  #row(
    request: SosRequest,
    selected: boolean,
    fresh: boolean,
    assignments: ReadonlyMap<string, Assignment>,
    words: Words,
  ): HTMLLIElement {
    const team = assignments.get(request.id)?.name ?? "";
    const signature = JSON.stringify([request, team]);
    const known = this.#rows.get(request.id);
    const row = known?.signature === signature ? known : this.#make(request, team, words);
    row.signature = signature;
    if (known && known !== row) {
      const wasFocused = known.element.contains(document.activeElement);
      known.element.replaceWith(row.element);
      if (wasFocused) (row.element.firstElementChild as HTMLElement).focus({ preventScroll: true });
    }
    this.#rows.set(request.id, row);
    row.element.classList.toggle("fresh", fresh);
    row.element.firstElementChild?.toggleAttribute("aria-current", false);
    if (selected) row.element.firstElementChild?.setAttribute("aria-current", "true");
    return row.element;
  }

  #make(request: SosRequest, team: string, words: Words): Row {
    const age = h("span", { class: "age" }, duration((this.#now() - request.reportedAt) / 1000));
    const people =
      request.people === null ? t("peopleUnknown") : t("people", { count: request.people });
    const number = request.people === null ? "–" : String(request.people);
    const element = h(
      "li",
      { class: `row priority-${request.priority}` },
      button(
        { class: "row-button", "data-id": request.id },
        () => this.#pick(request.id),
        h(
          "span",
          { class: "cell-code" },
          h("b", {}, request.code),
          h("span", { class: "chip" }, words.priority(request.priority)),
        ),
        h(
          "span",
          { class: "cell-kind" },
          categorySymbol(request.category),
          h("span", {}, words.category(request.category)),
        ),
        h(
          "span",
          { class: "cell-people" },
          h("span", { "aria-hidden": "true" }, number),
          h("span", { class: "unseen" }, people),
        ),
        h("span", { class: "cell-place" }, words.unit(request.commune) || t("placeUnknown")),
        age,
        h(
          "span",
          { class: "cell-state" },
          h("span", {}, words.state(request.state)),
          h("small", {}, team || t(hasTeam(request.state) ? "teamUnknown" : "noTeam")),
        ),
      ),
    );
    return { signature: "", element, age, reportedAt: request.reportedAt };
  }
}
