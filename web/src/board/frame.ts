import type { MapConfig } from "../config";
import { button, h } from "../dom";
import { type Language, language, pick, setLanguage } from "../locale";
import mark from "../mark.svg?url";
import type { Session } from "./api";
import { duration, t } from "./words";

const LANGUAGES: Record<Language, string> = { vi: "Tiếng Việt", en: "English" };
const SHOWN_MS = 8000;

export interface BarState {
  sound: boolean;
  keys: boolean;
}

export interface BarActions {
  sound(): void;
  keys(): void;
  help(): void;
}

/** The bar at the top: whether the board is live, its switches, who is signed in. */
export class Bar {
  readonly element: HTMLElement;
  readonly #live = h("p", { class: "live", role: "status" });
  readonly #sound: HTMLButtonElement;
  readonly #keys: HTMLButtonElement;
  #connected = true;
  #since = Date.now();

  constructor(session: Session, config: MapConfig, actions: BarActions) {
    const province = pick(config.province.name);
    document.title = `${t("title")} · ${province}`;
    this.#sound = button({ class: "button" }, actions.sound);
    this.#keys = button({ class: "button keys-only" }, actions.keys);
    this.element = h(
      "header",
      { class: "bar" },
      h("img", { src: mark, alt: "", width: 32, height: 32 }),
      h("h1", {}, t("title"), h("small", {}, province)),
      this.#live,
      config.synthetic ? h("p", { class: "synthetic" }, t("synthetic")) : null,
      h(
        "div",
        { class: "bar-tools" },
        this.#sound,
        this.#keys,
        button(
          { class: "button keys-only", "aria-label": t("help"), "aria-keyshortcuts": "?" },
          actions.help,
          "?",
        ),
        h("a", { class: "button", href: "/sign-in?next=/board" }, session.login),
        languages(),
      ),
    );
    this.tick();
  }

  switches({ sound, keys }: BarState): void {
    this.#sound.textContent = t(sound ? "soundOn" : "soundOff");
    this.#keys.textContent = t(keys ? "keysOn" : "keysOff");
  }

  connected(yes: boolean, since: number): void {
    this.#connected = yes;
    this.#since = since;
    this.tick();
  }

  /** Writes how old the data is while the line is cut. */
  tick(): void {
    const age = duration((Date.now() - this.#since) / 1000);
    const text = this.#connected ? t("live") : t("lost", { age });
    this.#live.classList.toggle("live-lost", !this.#connected);
    if (this.#live.textContent !== text) this.#live.textContent = text;
  }
}

/** What the page shows when the session has ended. */
export function signedOut(): HTMLElement {
  return h(
    "main",
    { class: "alone" },
    h("h1", {}, t("title")),
    h("p", { role: "alert" }, t("signedOut")),
    h("a", { class: "button button-strong", href: "/sign-in?next=/board" }, t("signIn")),
  );
}

/** The switch of the language. */
export function languages(): HTMLElement {
  return h(
    "div",
    { class: "languages", role: "group", "aria-label": t("language") },
    ...(Object.keys(LANGUAGES) as Language[]).map((one) =>
      button(
        { lang: one, "aria-label": LANGUAGES[one], "aria-pressed": String(one === language()) },
        () => setLanguage(one),
        one.toUpperCase(),
      ),
    ),
  );
}

/** What is said of something done, which passes, and of something refused, which stays. */
export class Messages {
  readonly element: HTMLElement;
  readonly #said = h("p", { class: "said", role: "status" });
  readonly #warned = h("div", { class: "warned", role: "alert" });
  #timer = 0;

  constructor() {
    this.element = h("div", { class: "messages" }, this.#warned, this.#said);
  }

  say(text: string): void {
    this.#said.textContent = text;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.#said.textContent = "";
    }, SHOWN_MS);
  }

  warn(text: string): void {
    this.#warned.replaceChildren(
      h("p", {}, text),
      button({ class: "button" }, () => this.clear(), "OK"),
    );
  }

  clear(): void {
    this.#warned.replaceChildren();
  }
}

/** Tabs over panels of which one is shown: arrows, Home and End move between them. */
export class Tabs {
  readonly element: HTMLElement;
  readonly #tabs: HTMLButtonElement[];
  readonly #choose: (index: number) => void;

  constructor(
    label: string,
    names: readonly string[],
    panels: string,
    choose: (i: number) => void,
  ) {
    this.#choose = choose;
    this.#tabs = names.map((name, index) =>
      button(
        { role: "tab", class: "tab", "aria-controls": panels },
        () => this.select(index),
        name,
      ),
    );
    this.element = h("div", { class: "tabs", role: "tablist", "aria-label": label }, ...this.#tabs);
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  rename(index: number, name: string): void {
    const tab = this.#tabs[index];
    if (tab && tab.textContent !== name) tab.textContent = name;
  }

  select(chosen: number): void {
    this.#tabs.forEach((tab, index) => {
      tab.setAttribute("aria-selected", String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
    });
    this.#choose(chosen);
  }

  #key(event: KeyboardEvent): void {
    const at = this.#tabs.indexOf(document.activeElement as HTMLButtonElement);
    const last = this.#tabs.length - 1;
    const next =
      {
        ArrowRight: at === last ? 0 : at + 1,
        ArrowLeft: at === 0 ? last : at - 1,
        Home: 0,
        End: last,
      }[event.key] ?? -1;
    if (at < 0 || next < 0) return;
    event.preventDefault();
    this.select(next);
    this.#tabs[next]?.focus();
  }
}
