// The menu in the head of every page: who is signed in, language, theme, the other pages.
import { button, DRAWINGS, drawing, h } from "../dom";
import { LANGUAGES, type Language, language, pick, setLanguage, translator } from "../locale";
import { en } from "../texts/menu/en";
import { type Texts, vi } from "../texts/menu/vi";
import { chooseTheme, followTheme, type ThemeChoice, themeChoice } from "../theme";
import "../styles/menu.css";
import { pagesFor } from "./pages";
import { type Signed, session, signOut } from "./session";

const t = translator<keyof Texts>({ vi, en });
const THEMES: Record<ThemeChoice, keyof Texts> = {
  system: "themeSystem",
  light: "themeLight",
  dark: "themeDark",
};

/** What is known of who is signed in: nothing yet, or nothing because the server is away. */
type Known = Signed | "asking" | "away";

/** The help link and the menu. A page has one, which it puts into each head that it makes. */
class Menu {
  readonly element = h("div", { class: "site-tools" });
  readonly #opener: HTMLButtonElement;
  readonly #panel = h("div", { id: "site-menu", class: "menu-panel", hidden: true });
  #known: Known = "asking";
  #failed = false;

  constructor() {
    this.#opener = button(
      { class: "head-button", "aria-controls": "site-menu", "aria-expanded": "false" },
      () => this.#toggle(Boolean(this.#panel.hidden)),
    );
    const menu = h("div", { class: "menu" }, this.#opener, this.#panel);
    menu.addEventListener("keydown", (event) => {
      if (this.#panel.hidden) return;
      // The keys of the page (shortcuts of one letter, arrows) are not meant here.
      event.stopPropagation();
      if (event.key !== "Escape") return;
      this.#toggle(false);
      this.#opener.focus();
    });
    menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !menu.contains(relatedTarget)) this.#toggle(false);
    });
    addEventListener("pointerdown", ({ target }) => {
      if (target instanceof Node && !menu.contains(target)) this.#toggle(false);
    });
    this.element.append(h("a", { class: "head-button help-link", href: "/help" }, "?"), menu);
    followTheme();
  }

  /** Writes everything in the language in use. */
  render(): void {
    const help = this.element.firstElementChild;
    help?.setAttribute("aria-label", t("pageHelp"));
    help?.setAttribute("title", t("pageHelp"));
    this.#opener.setAttribute("aria-label", t("menuLabel"));
    this.#opener.title = t("menu");
    this.#opener.replaceChildren(drawing(DRAWINGS.menu));
    this.#panel.setAttribute("aria-label", t("menu"));
    this.#panel.setAttribute("role", "group");
    this.#panel.replaceChildren(
      this.#account(),
      this.#choice("language", Object.keys(LANGUAGES) as Language[], language(), (one) => ({
        text: LANGUAGES[one],
        lang: one,
        choose: () => setLanguage(one),
      })),
      this.#choice("theme", Object.keys(THEMES) as ThemeChoice[], themeChoice(), (one) => ({
        text: t(THEMES[one]),
        lang: null,
        choose: () => chooseTheme(one),
      })),
      this.#pages(),
    );
  }

  #toggle(open: boolean): void {
    if (open !== Boolean(this.#panel.hidden)) return;
    this.#panel.hidden = !open;
    this.#opener.setAttribute("aria-expanded", String(open));
    if (open) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#failed = false;
    this.#known = await session().catch(() => "away" as const);
    const focused = this.#panel.contains(document.activeElement);
    const label = focused ? document.activeElement?.textContent : null;
    this.render();
    this.#focus(label);
  }

  /** Gives the keyboard back to the control with these words, which was made anew. */
  #focus(label: string | null | undefined): void {
    if (!label) return;
    const controls = [...this.#panel.querySelectorAll<HTMLElement>("a, button")];
    controls.find(({ textContent }) => textContent === label)?.focus();
  }

  #account(): HTMLElement {
    const known = this.#known;
    const here = encodeURIComponent(location.pathname + location.search);
    const signIn = h("a", { class: "button", href: `/sign-in?next=${here}` }, t("signIn"));
    const part = h("section", { class: "menu-part" }, h("h2", {}, t("account")));
    if (known === "asking") part.append(h("p", { role: "status" }, t("asking")));
    else if (known === "away") part.append(h("p", { role: "status" }, t("unknown")));
    else if (!known.signedIn) part.append(h("p", {}, t("signedOut")), signIn);
    else
      part.append(
        h(
          "p",
          {},
          t("signedIn", { login: known.login }),
          known.roleTitle ? h("small", {}, pick(known.roleTitle)) : null,
        ),
        h("a", { class: "button", href: "/account" }, t("myAccount")),
        button({ class: "button" }, () => void this.#leave(known.csrf ?? ""), t("signOut")),
      );
    if (this.#failed) part.append(h("p", { role: "alert" }, t("signOutFailed")));
    return part;
  }

  async #leave(csrf: string): Promise<void> {
    if (await signOut(csrf)) {
      location.reload();
      return;
    }
    this.#failed = true;
    this.render();
  }

  #choice<T extends string>(
    title: "language" | "theme",
    options: readonly T[],
    now: T,
    describe: (option: T) => { text: string; lang: string | null; choose: () => void },
  ): HTMLElement {
    const buttons = options.map((option) => {
      const { text, lang, choose } = describe(option);
      const act = (): void => {
        choose();
        this.render();
        this.#focus(describe(option).text);
      };
      return button({ lang, "aria-pressed": String(option === now) }, act, text);
    });
    return h(
      "section",
      { class: "menu-part" },
      h("h2", { id: `menu-${title}` }, t(title)),
      h(
        "div",
        { class: "menu-choice", role: "group", "aria-labelledby": `menu-${title}` },
        ...buttons,
      ),
    );
  }

  #pages(): HTMLElement {
    const known = this.#known;
    const role = typeof known === "object" && known.signedIn ? known.role : null;
    return h(
      "nav",
      { class: "menu-part", "aria-labelledby": "menu-pages" },
      h("h2", { id: "menu-pages" }, t("pages")),
      h(
        "ul",
        {},
        ...pagesFor(role).map(({ path, name }) =>
          h(
            "li",
            {},
            h(
              "a",
              { href: path, "aria-current": path === location.pathname ? "page" : null },
              t(name),
            ),
          ),
        ),
      ),
    );
  }
}

let made: Menu | null = null;

/** The page's help link and menu, in the language in use. */
export function siteTools(): HTMLElement {
  made ??= new Menu();
  made.render();
  return made.element;
}
