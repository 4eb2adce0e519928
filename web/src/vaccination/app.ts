import { Camera, type Trouble } from "../checkpoint/camera";
import { plain } from "../checkpoint/places";
import { listenToReader } from "../checkpoint/reader";
import { readText } from "../checkpoint/scan";
import { button, h } from "../dom";
import { Refusal } from "../edit/calls";
import { refusalWords } from "../edit/words";
import { clock } from "../form-parts";
import { formatNumber } from "../format";
import { language, onLanguage, pick } from "../locale";
import { fillBar } from "../menu/bar";
import { session } from "../menu/session";
import { recall, remember } from "../recall";
import { sentence } from "../registers/server";
import { arrivedItem, doneItem, expectedItem, fitItem, observedItem, part, tick } from "./people";
import { pointsImport } from "./points";
import {
  type Desk,
  DeskServer,
  type Form,
  form,
  type Point,
  type Visit,
  type Whose,
} from "./server";
import { t } from "./text";

const EVERY_MS = 15_000;
const CHOSEN = "dieuhanh.vaccination.point";
const TROUBLES = {
  denied: "cameraDenied",
  absent: "cameraAbsent",
  busy: "cameraBusy",
  insecure: "cameraInsecure",
} as const;

/** What is open under a person. */
type Part = "screen" | "reason" | "leave" | "react";

/** The desk of a point: who comes, is screened, vaccinated and watched, on a phone or a tablet. */
export class DeskApp {
  words: Form = { vaccines: [], screenings: [], sites: [], severities: [], symptoms: [] };
  desk: Desk = { sessions: [], expected: [], visits: [], lots: [] };
  #server: DeskServer | null = null;
  #points: Point[] = [];
  #point: Point | null = null;
  #open: { visit: string; part: Part } | null = null;
  #asked: Whose | null = null;
  #trouble: Trouble | null = null;
  #typed = "";
  #asOf = 0;
  readonly #bar = h("header", { class: "page-bar team-bar desk-bar" });
  readonly #main = h("main", { class: "team checkpoint desk", tabindex: -1 });
  readonly #said = h("div", { class: "desk-said", role: "status" });
  readonly #list = h("div", { class: "desk-lists" });
  readonly #video = h("video", { class: "camera", muted: true, playsinline: true });
  readonly #camera = new Camera(this.#video, (text) => void this.#read(text));

  async start(): Promise<void> {
    document.body.prepend(this.#bar, this.#main);
    this.#render();
    onLanguage(() => this.#render());
    listenToReader((text) => void this.#read(text));
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && this.#camera.isOn) this.#stopCamera();
      if (!document.hidden) void this.look();
    });
    setInterval(() => void this.look(), EVERY_MS);
    setInterval(() => this.#tick(), 1000);
    await this.#begin();
  }

  async #begin(): Promise<void> {
    this.#main.replaceChildren(h("p", { role: "status" }, t("loading")));
    try {
      const signed = await session();
      if (!signed.signedIn) {
        this.#main.replaceChildren(
          h("p", {}, t("signInHint")),
          h(
            "a",
            { class: "button button-strong", href: "/sign-in?next=/vaccination" },
            t("signIn"),
          ),
        );
        return;
      }
      this.#server = new DeskServer(signed);
      [this.words, this.#points] = await Promise.all([form(), this.#server.points()]);
    } catch (error) {
      const isNotTheirs = error instanceof Refusal && [403, 404].includes(error.status);
      this.#main.replaceChildren(
        h("p", { role: "alert" }, t(isNotTheirs ? "notYours" : "noAnswer")),
        button({ class: "button" }, () => void this.#begin(), t("retry")),
      );
      return;
    }
    const last = recall<string>(CHOSEN);
    const only = this.#points.length === 1 ? this.#points[0] : undefined;
    this.#choose(only ?? this.#points.find(({ value }) => value === last) ?? null);
  }

  #choose(point: Point | null): void {
    this.#stopCamera();
    this.#point = point;
    this.#open = this.#asked = null;
    this.#said.replaceChildren();
    remember(CHOSEN, point?.value ?? null);
    this.desk = { sessions: [], expected: [], visits: [], lots: [] };
    this.#render();
    void this.look();
  }

  /** Reads the desk again; not under somebody's hands. */
  async look(): Promise<void> {
    if (!this.#server || !this.#point || document.hidden || this.#open) return;
    try {
      this.desk = await this.#server.desk(this.#point.value);
      this.#asOf = Date.now();
      this.#renderList();
    } catch (error) {
      this.#say(
        error instanceof Refusal && error.status === 0 ? t("noAnswer") : words(error),
        true,
      );
    }
  }

  vaccine(id: string): string {
    const found = this.words.vaccines.find(({ value }) => value === id);
    return found ? pick(found) : id;
  }

  day(value: string): string {
    const shape = { day: "2-digit", month: "2-digit", year: "numeric" } as const;
    return new Date(value).toLocaleDateString(language() === "en" ? "en-GB" : "vi-VN", shape);
  }

  time(value: string): string {
    return clock(value).slice(0, 5);
  }

  isOpen(visit: Visit, part: Part): boolean {
    return this.#open?.visit === visit.id && this.#open.part === part;
  }

  /** Opens a form under a person, or closes it. */
  open(visit: Visit | null, part: Part = "screen"): void {
    this.#open = visit && { visit: visit.id, part };
    this.#renderList();
    if (visit)
      this.#list.querySelector<HTMLElement>(".desk-form input, .desk-form select")?.focus();
  }

  /** Does the next step of a visit; what is left empty is not sent. */
  async step(visit: Visit, action: string, given: Record<string, string>): Promise<void> {
    if (!this.#server) return;
    const facts = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
    try {
      await this.#server.step(visit, action, facts);
    } catch (error) {
      this.#say(words(error), true);
      const needs = error instanceof Refusal ? error.problem.needs : null;
      if (needs === "reason") this.open(visit, action === "leave" ? "leave" : "reason");
      else if (error instanceof Refusal && error.status === 412) this.#settled("");
      return;
    }
    const number = visit.before.length + 1;
    this.#settled(action === "give" ? t("given", { n: number, name: visit.name }) : t("saved"));
  }

  #settled(said: string): void {
    this.#open = null;
    if (said) this.#say(said, false);
    void this.look();
  }

  /** Receives somebody; asks once more who was not invited. */
  async arrive(whose: Whose, anyway = false): Promise<void> {
    if (!this.#server || !this.#point) return;
    this.#asked = null;
    try {
      await this.#server.arrive(this.#point.value, whose, anyway);
      this.#settled(t("received"));
    } catch (error) {
      const needs = error instanceof Refusal ? error.problem.needs : null;
      this.#asked = needs === "anyway" ? whose : null;
      this.#say(words(error), true, needs === "name");
    }
  }

  async #read(text: string): Promise<void> {
    if (!this.#point) return;
    const read = readText(text);
    if (read.kind === "card") await this.arrive({ token: read.token });
    else if (read.kind === "number") await this.arrive({ identity: read.number });
    // The first field of an identity card's QR is its number.
    else if (read.kind === "idCard") await this.arrive({ identity: read.text.split("|")[0] ?? "" });
    else this.#say(t("unknownCode"), true);
  }

  #say(text: string, isBad: boolean, byName = false): void {
    const whose = this.#asked;
    this.#said.replaceChildren(
      h("p", { class: isBad ? "honest" : "desk-good" }, text),
      whose
        ? button(
            { class: "button button-strong" },
            () => void this.arrive(whose, true),
            t("anyway"),
          )
        : "",
      byName ? h("a", { class: "button", href: "/registers#vaccinations" }, t("byName")) : "",
    );
  }

  #tick(): void {
    let ended = false;
    for (const timer of this.#list.querySelectorAll<HTMLElement>(".desk-timer")) {
      const was = timer.classList.contains("desk-over");
      tick(timer);
      ended ||= !was && timer.classList.contains("desk-over");
    }
    if (ended && !this.#open) this.#renderList();
  }

  #render(): void {
    fillBar(this.#bar, t("title"));
    if (!this.#server) return;
    const parts = this.#point ? this.#atPoint(this.#point) : this.#chooser();
    this.#main.replaceChildren(...parts);
    this.#renderList();
  }

  #chooser(): HTMLElement[] {
    if (this.#points.length === 0) return [h("p", { class: "honest" }, t("notYours"))];
    const list = h("ul", { class: "places" });
    const count = h("p", { class: "quiet", role: "status" });
    const input = h("input", { id: "search", type: "search", autocomplete: "off" });
    input.value = this.#typed;
    const show = (): void => {
      this.#typed = input.value;
      const sought = plain(input.value);
      const found = this.#points.filter(({ title, code }) =>
        plain(`${pick(title)} ${code}`).includes(sought),
      );
      count.textContent = t("found", { n: formatNumber(found.length) });
      list.replaceChildren(
        ...found.slice(0, 40).map((one) =>
          h(
            "li",
            {},
            button(
              { class: "place" },
              () => this.#choose(one),
              h("b", {}, pick(one.title)),
              h("span", {}, one.code),
            ),
          ),
        ),
      );
    };
    input.addEventListener("input", show);
    show();
    return [
      h("h2", {}, t("choose")),
      h("div", { class: "field" }, h("label", { for: "search" }, t("search")), input),
      count,
      list,
      ...(this.#server ? [pointsImport(this.#server)] : []),
    ];
  }

  #atPoint(point: Point): HTMLElement[] {
    const input = h("input", { id: "code", type: "text", autocomplete: "off", maxlength: 600 });
    const reading = h(
      "form",
      { class: "typed", novalidate: true },
      h("div", { class: "field" }, h("label", { for: "code" }, t("read")), input),
      h("button", { type: "submit", class: "button button-strong" }, t("readDo")),
    );
    reading.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = input.value.trim();
      input.value = "";
      if (text) void this.#read(text);
      else input.focus();
    });
    this.#video.hidden = !this.#camera.isOn;
    this.#video.setAttribute("aria-label", t("cameraLabel"));
    const change = button({ class: "button" }, () => this.#choose(null), t("change"));
    return [
      h(
        "div",
        { class: "place-now" },
        h("h2", { tabindex: -1 }, pick(point.title)),
        h("p", { class: "quiet" }, point.code),
        this.#points.length > 1 ? change : null,
      ),
      this.#said,
      reading,
      this.#video,
      ...(this.#trouble
        ? [h("p", { class: "fault", role: "alert" }, t(TROUBLES[this.#trouble]))]
        : []),
      button(
        { class: "button" },
        () => (this.#camera.isOn ? this.#stopCamera() : void this.#startCamera()),
        t(this.#camera.isOn ? "cameraStop" : "camera"),
      ),
      this.#list,
    ];
  }

  async #startCamera(): Promise<void> {
    this.#trouble = await this.#camera.start();
    this.#render();
  }

  #stopCamera(): void {
    if (!this.#camera.isOn) return;
    this.#camera.stop();
    this.#render();
  }

  #renderList(): void {
    if (!this.#point) return;
    const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
    const { sessions, expected, visits, lots } = this.desk;
    const inState = (...states: string[]): Visit[] =>
      visits.filter(({ state }) => states.includes(state));
    const arrived = inState("arrived").map((one) => arrivedItem(this, one));
    const fit = inState("fit").map((one) => fitItem(this, one));
    const observed = inState("observing").map((one) => observedItem(this, one));
    const done = visits
      .filter(({ state }) => !["arrived", "fit", "observing"].includes(state))
      .map((one) => doneItem(this, one));
    const held = sessions.map(({ vaccine, opens, closes, invited, capacity }) =>
      t("session", { vaccine: this.vaccine(vaccine), opens, closes, invited, capacity }),
    );
    const left = lots.map(({ lot, vaccine, doses, expires_on }) =>
      t("lotLeft", {
        lot,
        vaccine: this.vaccine(vaccine),
        doses: formatNumber(doses),
        expires: this.day(expires_on),
      }),
    );
    const isOpen = (name: string): boolean =>
      this.#list.querySelector<HTMLDetailsElement>(`[data-part=${name}]`)?.open ??
      name === "expected";
    this.#list.replaceChildren(
      h(
        "div",
        { class: "desk-today" },
        h("p", {}, held.join(" · ") || t("noSession")),
        left.length > 0
          ? h("ul", { "aria-label": t("lots") }, ...left.map((one) => h("li", {}, one)))
          : h("p", {}, t("noLots")),
      ),
      ...[part("waiting", arrived), part("fit", fit), part("observing", observed)].filter((one) =>
        one.querySelector("li"),
      ),
      part(
        "expected",
        expected.map((one) => expectedItem(this, one)),
        isOpen("expected"),
      ),
      part("done", done, isOpen("done")),
      h("p", { class: "quiet" }, this.#asOf ? t("asOf", { time: clock(this.#asOf) }) : ""),
    );
    if (focused) this.#list.querySelector<HTMLElement>(`[data-key="${focused}"]`)?.focus();
  }
}

/** Why something was not done: by the server's own words where it has them. */
function words(error: unknown): string {
  const isSaid = error instanceof Refusal && [403, 409, 422].includes(error.status);
  return isSaid ? sentence(error) : refusalWords(error);
}
