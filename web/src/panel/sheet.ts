import { h } from "../dom";
import { t } from "../language";

const STOPS = ["peek", "half", "full"] as const;
type Stop = (typeof STOPS)[number];

const TAP_PX = 6;
const PHONE = "(max-width: 700px)";

/** The panel as a phone shows it: a sheet from the bottom edge that stops at three heights. */
export class Sheet {
  readonly handle: HTMLButtonElement;
  readonly #panel: HTMLElement;
  readonly #moved: () => void;
  #stop: Stop = "peek";

  constructor(panel: HTMLElement, moved: () => void) {
    this.#panel = panel;
    this.#moved = moved;
    this.handle = h("button", { type: "button", class: "sheet-handle" }, h("span", {}));
    this.#drag();
    this.to("peek");
  }

  /** Whether the screen is so narrow that the panel is a sheet. */
  static get isPhone(): boolean {
    return matchMedia(PHONE).matches;
  }

  /** Calls back when the panel turns into a sheet or back. */
  static onChange(listener: () => void): void {
    matchMedia(PHONE).addEventListener("change", listener);
  }

  /** Moves the sheet to a stop. */
  to(stop: Stop): void {
    this.#stop = stop;
    this.#panel.dataset.stop = stop;
    this.#panel.style.removeProperty("--drag");
    this.translate();
    this.#moved();
  }

  /** Puts the texts in the language in use. */
  translate(): void {
    const open = this.#stop !== "peek";
    this.handle.setAttribute("aria-expanded", String(open));
    this.handle.setAttribute("aria-label", t(open ? "sheetClose" : "sheetOpen"));
  }

  #drag(): void {
    let from = 0;
    let by = 0;
    this.handle.addEventListener("pointerdown", (event) => {
      from = event.clientY;
      by = 0;
      this.handle.setPointerCapture(event.pointerId);
    });
    this.handle.addEventListener("pointermove", (event) => {
      if (!this.handle.hasPointerCapture(event.pointerId)) return;
      by = event.clientY - from;
      this.#panel.style.setProperty("--drag", `${-by}px`);
    });
    this.handle.addEventListener("pointerup", () => {
      if (Math.abs(by) < TAP_PX) return;
      const at = STOPS.indexOf(this.#stop) + (by < 0 ? 1 : -1);
      this.to(STOPS[Math.min(STOPS.length - 1, Math.max(0, at))] ?? "peek");
    });
    this.handle.addEventListener("pointercancel", () => this.to(this.#stop));
    // A tap, or Enter and Space on the keyboard; a drag has been dealt with above.
    this.handle.addEventListener("click", () => {
      if (Math.abs(by) >= TAP_PX) by = 0;
      else this.to(this.#stop === "peek" ? "half" : "peek");
    });
  }
}
