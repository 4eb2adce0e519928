import { button, h } from "../dom";
import { languages } from "../languages";
import { onLanguage } from "../locale";
import mark from "../mark.svg?url";
import { Camera, type Trouble } from "./camera";
import { type Checkpoint, checkpoints, choose, chosen, search } from "./places";
import { t } from "./text";

const MOST_SHOWN = 30;
const LONGEST = 2000;
const TROUBLES = {
  denied: "cameraDenied",
  absent: "cameraAbsent",
  busy: "cameraBusy",
  insecure: "cameraInsecure",
} as const;

interface Reading {
  text: string;
  way: "in" | "out";
  by: "camera" | "typed";
}

/** The page of a checkpoint: which one, in or out, and what was read last. Nothing is recorded. */
export class CheckpointApp {
  #all: Checkpoint[] | null = null;
  #failed = false;
  #place = chosen();
  #way: "in" | "out" = "in";
  #reading: Reading | null = null;
  #trouble: Trouble | null = null;
  readonly #video = h("video", { class: "camera", muted: true, playsinline: true });
  readonly #camera = new Camera(this.#video, (text) => this.#read(text, "camera"));
  readonly #bar = h("header", { class: "team-bar" });
  readonly #main = h("main", { class: "team checkpoint", tabindex: -1 });
  readonly #said = h("div", { class: "reading", role: "status" });

  start(): void {
    document.body.replaceChildren(this.#bar, this.#main);
    this.#render();
    onLanguage(() => this.#render());
    document.addEventListener("visibilitychange", () => {
      // A camera that nobody looks through is off.
      if (document.hidden && this.#camera.isOn) this.#stop();
    });
    addEventListener("online", () => {
      if (!this.#all) void this.#load();
    });
    void this.#load();
  }

  async #load(): Promise<void> {
    this.#failed = false;
    try {
      this.#all = await checkpoints();
    } catch {
      this.#failed = true;
    }
    if (!this.#place) this.#render();
  }

  #render(): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
    document.title = t("title");
    this.#bar.replaceChildren(
      h("img", { src: mark, alt: "", width: 32, height: 32 }),
      h("h1", {}, t("title")),
      languages(t("language")),
    );
    this.#main.replaceChildren(
      h("p", { class: "honest" }, t("honest")),
      ...(this.#place ? this.#scanner(this.#place) : this.#chooser()),
    );
    this.#renderReading();
    if (focused) this.#main.querySelector<HTMLElement>(`[data-key="${focused}"]`)?.focus();
  }

  #chooser(): HTMLElement[] {
    const list = h("ul", { class: "places" });
    const count = h("p", { class: "quiet", role: "status" });
    const input = h("input", { id: "search", type: "search", autocomplete: "off" });
    const show = (): void => {
      const found = search(this.#all ?? [], input.value);
      list.replaceChildren(
        ...found.slice(0, MOST_SHOWN).map((one) =>
          h(
            "li",
            {},
            button(
              { class: "place" },
              () => this.#choose(one),
              h("b", {}, one.name),
              h("span", {}, [one.code, one.road].filter(Boolean).join(" · ")),
            ),
          ),
        ),
      );
      if (this.#all === null) count.textContent = t(this.#failed ? "noList" : "loading");
      else
        count.textContent =
          found.length > MOST_SHOWN
            ? t("shown", { n: MOST_SHOWN, count: found.length })
            : t("found", { n: found.length });
    };
    input.addEventListener("input", show);
    show();
    return [
      h("h2", {}, t("choose")),
      h("div", { class: "field" }, h("label", { for: "search" }, t("search")), input),
      count,
      list,
      ...(this.#failed ? [button({ class: "button" }, () => void this.#load(), t("retry"))] : []),
    ];
  }

  #choose(one: Checkpoint | null): void {
    this.#stop();
    this.#place = one;
    this.#reading = null;
    choose(one);
    this.#render();
    this.#main.querySelector<HTMLElement>("h2")?.focus();
  }

  #scanner(place: Checkpoint): HTMLElement[] {
    const ways = (["in", "out"] as const).map((way) =>
      button(
        {
          class: "state-button way-button",
          "aria-pressed": String(this.#way === way),
          "data-key": `way-${way}`,
        },
        () => {
          this.#way = way;
          this.#render();
        },
        t(way === "in" ? "goingIn" : "goingOut"),
      ),
    );
    const isOn = this.#camera.isOn;
    this.#video.hidden = !isOn;
    this.#video.setAttribute("aria-label", t("cameraLabel"));
    return [
      h(
        "div",
        { class: "place-now" },
        h("h2", { tabindex: -1 }, place.name),
        h("p", { class: "quiet" }, [place.code, place.road].filter(Boolean).join(" · ")),
        button({ class: "button", "data-key": "change" }, () => this.#choose(null), t("change")),
      ),
      h("div", { class: "ways", role: "group", "aria-label": t("direction") }, ...ways),
      this.#video,
      this.#trouble
        ? h("p", { class: "fault", role: "alert" }, t(TROUBLES[this.#trouble]))
        : h("p", { class: "quiet" }, t(isOn ? "cameraOn" : "cameraHint")),
      button(
        { class: `button ${isOn ? "" : "button-strong"}`, "data-key": "camera" },
        () => void (isOn ? this.#stop() : this.#start()),
        t(isOn ? "cameraStop" : "cameraStart"),
      ),
      this.#typed(),
      this.#said,
    ];
  }

  #typed(): HTMLElement {
    const input = h("input", {
      id: "code",
      type: "text",
      autocomplete: "off",
      autocapitalize: "characters",
      maxlength: LONGEST,
      "data-key": "code",
    });
    const form = h(
      "form",
      { class: "typed", novalidate: true },
      h("div", { class: "field" }, h("label", { for: "code" }, t("typeCode")), input),
      h("button", { type: "submit", class: "button" }, t("read")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (text) this.#read(text, "typed");
      else input.focus();
    });
    return form;
  }

  async #start(): Promise<void> {
    this.#trouble = await this.#camera.start();
    this.#render();
  }

  #stop(): void {
    this.#camera.stop();
    this.#trouble = null;
    this.#render();
  }

  #read(text: string, by: Reading["by"]): void {
    this.#reading = { text: text.slice(0, LONGEST), way: this.#way, by };
    navigator.vibrate?.(80);
    this.#renderReading();
  }

  #renderReading(): void {
    if (!this.#reading) {
      this.#said.replaceChildren();
      return;
    }
    const { text, way, by } = this.#reading;
    this.#said.replaceChildren(
      h("h3", {}, t(by === "camera" ? "scanned" : "entered")),
      h("p", { class: "read-text" }, text),
      h("p", {}, t(way === "in" ? "goingIn" : "goingOut"), " · ", t("notRecorded")),
    );
  }
}
