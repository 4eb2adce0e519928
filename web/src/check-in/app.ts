import { type Card, cards } from "../cards";
import { Camera } from "../checkpoint/camera";
import { flushOwn, heardOf, nextIn, OWN } from "../checkpoint/queue";
import { readText } from "../checkpoint/scan";
import * as store from "../checkpoint/store";
import { type Colour, VerdictPlace } from "../checkpoint/verdict";
import { WaitingEvents } from "../checkpoint/waiting";
import { button, h } from "../dom";
import { clock } from "../form-parts";
import { onLanguage, pick } from "../locale";
import { fillBar } from "../menu/bar";
import { keepInStep, sender } from "../queue-page";
import { canSync, requestSync } from "../worker";
import { codeInAddress, type Site, siteOf } from "./site";
import { t } from "./text";

type Way = "in" | "out";

/** The page that a site's poster opens: whose card, in or out, one tap. */
export class CheckInApp {
  readonly #store: store.Store;
  #entries: store.Entry[] = [];
  #code = codeInAddress();
  /** Null: no site has the code; undefined: not known yet. */
  #site: Site | null | undefined;
  #token = "";
  #shown: { entry: store.Entry; name: string } | null = null;
  #trouble = "";
  readonly #video = h("video", { class: "camera", muted: true, playsinline: true });
  readonly #camera = new Camera(this.#video, (text) => this.#scanned(text));
  readonly #bar = h("header", { class: "page-bar team-bar" });
  readonly #main = h("main", { class: "team checkpoint", tabindex: -1 });
  readonly #verdict = new VerdictPlace();
  readonly #left = new WaitingEvents(
    { t, signedOut: () => t("delayServer") },
    () => void this.#send(true),
    (id) => void store.dismiss(this.#store, id).then(() => this.#reload()),
  );
  readonly #send = sender({
    wake: () => store.wake(this.#store),
    flush: async () => {
      await flushOwn(this.#store, (entry, outcome) => this.#told(entry, outcome));
      await this.#reload();
    },
    nextIn: () => nextIn(this.#store),
  });

  constructor(opened: store.Store) {
    this.#store = opened;
  }

  async start(): Promise<void> {
    document.body.replaceChildren(this.#bar, this.#main);
    this.#render();
    onLanguage(() => this.#render());
    addEventListener("hashchange", () => void this.#arrive());
    keepInStep(OWN, {
      connected: (is) => void (is && this.#send(true)),
      seen: (is) => {
        if (!is && this.#camera.isOn) this.#stop();
        if (!is) void this.#leaveToWorker();
      },
      changed: (said) => this.#heard(said),
    });
    await this.#arrive();
    await this.#send(true);
  }

  async #arrive(): Promise<void> {
    this.#code = codeInAddress();
    this.#verdict.clear();
    this.#shown = null;
    this.#site = this.#code === null ? undefined : await siteOf(this.#code);
    this.#render();
  }

  async #reload(): Promise<void> {
    this.#entries = await store.entries(this.#store);
    this.#left.show(this.#entries);
  }

  /** The service worker has sent something, or another page has changed what waits. */
  #heard(said: unknown): void {
    const outcome = heardOf(said, this.#shown?.entry.id);
    if (this.#shown && outcome) this.#told(this.#shown.entry, outcome);
    void this.#reload();
  }

  /** What waits is sent by the service worker once the page is closed. */
  async #leaveToWorker(): Promise<void> {
    if (this.#entries.some(({ state }) => state !== "refused")) await requestSync(OWN);
  }

  #render(): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
    fillBar(this.#bar, t("title"));
    this.#left.show(this.#entries);
    const body = this.#code === null || this.#site === null ? this.#scanner() : this.#here();
    this.#main.replaceChildren(...body, this.#left.element);
    if (focused) this.#main.querySelector<HTMLElement>(`[data-key="${focused}"]`)?.focus();
  }

  #scanner(): HTMLElement[] {
    const isOn = this.#camera.isOn;
    this.#video.hidden = !isOn;
    this.#video.setAttribute("aria-label", t("cameraLabel"));
    return [
      ...(this.#site === null ? [h("p", { class: "fault", role: "alert" }, t("noSite"))] : []),
      h("h2", {}, t("scanFirst")),
      this.#video,
      ...(this.#trouble ? [h("p", { class: "fault", role: "alert" }, this.#trouble)] : []),
      h("p", { class: "quiet" }, t(isOn ? "scanning" : "scanHint")),
      button(
        { class: `button ${isOn ? "" : "button-strong"}`, "data-key": "camera" },
        () => void (isOn ? this.#stop() : this.#start()),
        t(isOn ? "cameraStop" : "cameraStart"),
      ),
    ];
  }

  #here(): HTMLElement[] {
    const site = this.#site;
    const isClosed = site?.open === false;
    return [
      h(
        "div",
        { class: "place-now" },
        h("p", { class: "quiet" }, t("at")),
        h("h2", { tabindex: -1 }, site?.name || (this.#code ?? "")),
        site && !site.name ? h("p", { class: "quiet" }, t("offlineSite")) : null,
      ),
      this.#verdict.element,
      ...(isClosed ? [h("p", { class: "honest" }, t("closed"))] : this.#choice()),
      h("a", { class: "button", href: "/check-in" }, t("another")),
    ];
  }

  #choice(): HTMLElement[] {
    const kept = cards();
    const [first] = kept;
    if (!first)
      return [
        h("p", { class: "honest" }, h("b", {}, t("noCard")), " ", t("noCardHint")),
        h("a", { class: "button button-strong", href: "/declare" }, t("declare")),
      ];
    if (!kept.some(({ token }) => token === this.#token)) this.#token = first.token;
    return [
      h(
        "fieldset",
        { class: "cards-kept" },
        h("legend", {}, t("whose")),
        ...kept.map((card, at) => this.#card(card, at)),
      ),
      h(
        "div",
        { class: "go" },
        ...(["in", "out"] as const).map((way) =>
          button(
            { class: "button button-strong", "data-key": way },
            () => void this.#record(way),
            word(way),
          ),
        ),
      ),
    ];
  }

  #card({ token, name }: Card, at: number): HTMLElement {
    const isChosen = token === this.#token;
    const input = h("input", { type: "radio", name: "card", value: at, checked: isChosen });
    input.addEventListener("change", () => {
      this.#token = token;
    });
    return h("label", { class: "card-kept" }, input, name);
  }

  async #start(): Promise<void> {
    this.#trouble = (await this.#camera.start()) === null ? "" : t("cameraTrouble");
    this.#render();
  }

  #stop(): void {
    this.#camera.stop();
    this.#trouble = "";
    this.#render();
  }

  #scanned(text: string): void {
    const read = readText(text);
    if (read.kind !== "site") {
      this.#trouble = t("notASite");
      this.#render();
      return;
    }
    this.#stop();
    location.hash = encodeURIComponent(read.code);
  }

  async #record(direction: Way): Promise<void> {
    const card = cards().find(({ token }) => token === this.#token);
    if (!card || this.#code === null) return;
    const said: store.Said = { site: this.#code, direction, token: card.token };
    try {
      const place = this.#site?.name || this.#code;
      const entry = await store.enqueue(this.#store, "", place, said);
      this.#shown = { entry, name: card.name };
      if (navigator.onLine) this.#verdict.write("kept", t("sending"), t("sendingText"));
      else this.#kept(entry);
      await this.#send(false);
      await this.#leaveToWorker();
    } catch {
      this.#show("bad", t("refusedTitle"), t("noStore"));
    }
  }

  #kept({ said, made_at }: store.Entry): void {
    const values = { name: this.#shown?.name ?? "", at: clock(made_at) };
    const text = t(canSync() ? "keptSync" : "keptText", values);
    this.#show("kept", t("keptTitle", { way: word(said.direction) }), text);
  }

  #told(entry: store.Entry, outcome: store.Outcome): void {
    if (entry.id !== this.#shown?.entry.id) return;
    if (outcome.kind === "later") this.#kept(entry);
    else if (outcome.kind === "refused") this.#show("bad", t("refusedTitle"), pick(outcome.reason));
    else {
      const values = { name: this.#shown.name, at: clock(entry.made_at) };
      const title = t("sentTitle", { way: word(entry.said.direction) });
      this.#show("good", title, t("sentText", values));
    }
  }

  #show(colour: Colour, title: string, text: string): void {
    this.#verdict.tell(colour, title, text);
    this.#render();
  }
}

const word = (way: Way): string => t(way === "in" ? "goingIn" : "goingOut");
