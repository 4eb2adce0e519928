// The slider through the steps of a result in space and time.
import { button, drawing, h } from "../../dom";
import { formatNumber, formatShortDate } from "../../format";
import { listOf, type Result } from "./result";
import { t } from "./text";

const PACE_MS = 900;
const DRAWINGS = {
  play: "M6 4l10 6-10 6z",
  pause: "M6.5 4v12M13.5 4v12",
  earlier: "M13 4l-7 6 7 6",
  later: "M7 4l7 6-7 6",
};

/** The step that is shown; null while the whole of the time is. */
export class Steps {
  readonly element = h("div", { class: "steps", role: "group" });
  readonly #days: string[];
  readonly #events: number[];
  readonly #onStep: (step: number | null) => void;
  #step: number | null = null;
  #timer = 0;

  /** Null where a result has no steps. */
  static of(result: Result, onStep: (step: number | null) => void): Steps | null {
    const days = result.summary.steps;
    return Array.isArray(days) && days.length > 1 ? new Steps(days, result, onStep) : null;
  }

  private constructor(days: string[], result: Result, onStep: (step: number | null) => void) {
    this.#days = days;
    this.#onStep = onStep;
    this.#events = days.map((_, step) =>
      result.features.reduce(
        (sum, { properties }) => sum + (listOf(properties.n_by_step)[step] ?? 0),
        0,
      ),
    );
    this.render();
  }

  render(): void {
    const slider = h("input", {
      type: "range",
      min: 0,
      max: this.#days.length - 1,
      value: this.#step ?? this.#days.length - 1,
      "aria-label": t("step"),
      "aria-valuetext": this.#told(),
    });
    slider.addEventListener("input", () => {
      this.stop();
      this.#go(slider.valueAsNumber);
      slider.setAttribute("aria-valuetext", this.#told());
    });
    this.element.setAttribute("aria-label", t("step"));
    this.element.replaceChildren(
      h("output", { class: "steps-shown" }, this.#told()),
      slider,
      h(
        "div",
        { class: "steps-buttons" },
        this.#button("earlier", () => this.#by(-1)),
        this.#button(this.#timer ? "pause" : "play", () => this.#toggle()),
        this.#button("later", () => this.#by(1)),
        button(
          { class: "button", "aria-pressed": String(this.#step === null) },
          () => {
            this.stop();
            this.#go(null);
            this.render();
          },
          t("wholeTime"),
        ),
      ),
      h("p", { class: "tool-note" }, t("stepHint")),
    );
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  #toggle(): void {
    if (this.#timer) this.stop();
    else {
      this.#timer = window.setInterval(() => this.#next(), PACE_MS);
      this.#next();
    }
    this.render();
  }

  #next(): void {
    const after = this.#step === null ? 0 : this.#step + 1;
    if (after >= this.#days.length) {
      this.stop();
      this.render();
    } else this.#by(this.#step === null ? 0 : 1);
  }

  #by(steps: number): void {
    const here = this.#step ?? (steps > 0 || steps === 0 ? 0 : this.#days.length);
    this.#go(Math.min(this.#days.length - 1, Math.max(0, here + steps)));
    const slider = this.element.querySelector("input");
    if (slider) slider.value = String(this.#step);
  }

  #go(step: number | null): void {
    this.#step = step;
    const shown = this.element.querySelector("output");
    if (shown) shown.textContent = this.#told();
    this.#onStep(step);
  }

  #told(): string {
    if (this.#step === null) return t("wholeTime");
    const day = formatShortDate(this.#days[this.#step] ?? "");
    return t("stepOf", { day, n: formatNumber(this.#events[this.#step] ?? 0) });
  }

  #button(name: keyof typeof DRAWINGS, action: () => void): HTMLButtonElement {
    const label = t(name);
    return button(
      { class: "icon-button", "aria-label": label, title: label },
      action,
      drawing(DRAWINGS[name]),
    );
  }
}
