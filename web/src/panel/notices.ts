import { button, h } from "../dom";

const SHOWN_MS = 6000;
const OFFERED_MS = 20_000;

/** What a message offers to do. */
export interface Offer {
  label: string;
  act(): void;
}

/** Short messages over the map: one that passes, and one that stays while something is wrong. */
export class Notices {
  readonly element: HTMLElement;
  readonly #passing: HTMLElement;
  readonly #staying: HTMLElement;
  #timer = 0;

  constructor() {
    this.#passing = h("p", { class: "notice", hidden: true });
    this.#staying = h("p", { class: "notice notice-trouble", hidden: true });
    this.element = h(
      "div",
      { class: "notices", role: "status", "aria-live": "polite" },
      this.#staying,
      this.#passing,
    );
  }

  /** Shows a message for six seconds; for twenty where it offers something to do. */
  pass(text: string, offer: Offer | null = null): void {
    const hide = (): void => {
      this.#passing.hidden = true;
    };
    const take = (): void => {
      hide();
      offer?.act();
    };
    this.#passing.replaceChildren(text, offer ? button({ class: "offer" }, take, offer.label) : "");
    this.#passing.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(hide, offer ? OFFERED_MS : SHOWN_MS);
  }

  /** Shows a message until it is taken back with null. */
  stay(text: string | null): void {
    this.#staying.textContent = text ?? "";
    this.#staying.hidden = text === null;
  }
}
