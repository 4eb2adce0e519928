// The wall screen: one scene at a time in large letters, each for twenty seconds.
import { button, h } from "../dom";
import { t } from "./text";

const EVERY_MS = 20_000;
/** How small the letters may get, as a share of their full size, for a scene to fit the screen. */
const [SMALLEST, STEP] = [0.5, 0.05];

export class Wall {
  readonly element = h("div", { class: "wall-controls", role: "region" });
  readonly #place = h("span", { class: "wall-place" });
  #scenes: HTMLElement[] = [];
  #at = 0;
  #on = false;
  #paused = false;
  #timer = 0;

  /** @param shown is told of the scene that has come up, and with null that all are there again. */
  constructor(readonly shown: (scene: HTMLElement | null) => void) {
    addEventListener("keydown", (event) => {
      if (!this.#on || event.target instanceof HTMLSelectElement) return;
      if (event.key === "ArrowRight") this.#go(1);
      else if (event.key === "ArrowLeft") this.#go(-1);
      else if (event.key === "Escape") this.leave();
    });
    addEventListener("resize", () => this.fit());
    document.fonts?.addEventListener("loadingdone", () => this.fit());
  }

  get on(): boolean {
    return this.#on;
  }

  /** Takes up the scenes of the page, and the language. */
  render(scenes: HTMLElement[]): void {
    this.#scenes = scenes;
    this.element.setAttribute("aria-label", t("wallControls"));
    const pause = button(
      { class: "button" },
      () => {
        this.#paused = !this.#paused;
        pause.textContent = t(this.#paused ? "wallPlay" : "wallPause");
        this.#wait();
      },
      t(this.#paused ? "wallPlay" : "wallPause"),
    );
    this.element.replaceChildren(
      button({ class: "button" }, () => this.#go(-1), t("wallPrevious")),
      pause,
      button({ class: "button" }, () => this.#go(1), t("wallNext")),
      this.#place,
      button({ class: "button" }, () => this.leave(), t("wallLeave")),
    );
    this.#update();
  }

  /** Begins; the screen is filled where the browser lets it be, and kept from going dark. */
  enter(): void {
    this.#on = true;
    // Only what someone has just pressed may fill the screen; an address alone may not.
    if (navigator.userActivation?.isActive)
      document.documentElement.requestFullscreen?.().catch(() => undefined);
    navigator.wakeLock?.request("screen").catch(() => undefined);
    this.#say("1");
    this.#wait();
  }

  /** Makes the letters of the scene as large as the screen has room for. */
  fit(): void {
    const { style } = document.body;
    style.removeProperty("--fit");
    const main = this.#scenes[this.#at]?.parentElement;
    if (!this.#on || !main) return;
    for (
      let size = 1 - STEP;
      size >= SMALLEST && main.scrollHeight > main.clientHeight;
      size -= STEP
    )
      style.setProperty("--fit", size.toFixed(2));
  }

  leave(): void {
    this.#on = false;
    clearInterval(this.#timer);
    if (document.fullscreenElement) document.exitFullscreen().catch(() => undefined);
    this.#say(null);
  }

  #say(wall: string | null): void {
    const address = new URL(location.href);
    if (wall === null) address.searchParams.delete("wall");
    else address.searchParams.set("wall", wall);
    history.replaceState(null, "", address);
    this.#update();
  }

  #go(by: number): void {
    this.#at = (this.#at + by + this.#scenes.length) % this.#scenes.length;
    this.#update();
    this.#wait();
  }

  #wait(): void {
    clearInterval(this.#timer);
    if (this.#on && !this.#paused) this.#timer = window.setInterval(() => this.#go(1), EVERY_MS);
  }

  #update(): void {
    document.body.classList.toggle("wall", this.#on);
    this.element.hidden = !this.#on;
    this.#at = Math.min(this.#at, Math.max(0, this.#scenes.length - 1));
    this.#scenes.forEach((scene, i) => {
      scene.hidden = this.#on && i !== this.#at;
    });
    this.#place.textContent = t("wallPlace", { n: this.#at + 1, all: this.#scenes.length });
    this.fit();
    this.shown(this.#on ? (this.#scenes[this.#at] ?? null) : null);
  }
}
