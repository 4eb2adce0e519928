import { h } from "../dom";

const SHOWN_MS = 6000;

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

  /** Shows a message for six seconds. */
  pass(text: string): void {
    this.#passing.textContent = text;
    this.#passing.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.#passing.hidden = true;
    }, SHOWN_MS);
  }

  /** Shows a message until it is taken back with null. */
  stay(text: string | null): void {
    this.#staying.textContent = text ?? "";
    this.#staying.hidden = text === null;
  }
}
