import { h } from "../dom";
import { clock } from "../form-parts";
import { HttpError } from "../http";
import { onLanguage } from "../locale";
import { fillBar } from "../menu/bar";
import { type Signed, session } from "../menu/session";
import * as api from "./api";
import { DetailPanel } from "./detail";
import { figuresPart } from "./figures";
import { filters, flagItem } from "./list";
import { t } from "./text";

const EVERY_MS = 15_000;
const FIGURES_MS = 120_000;

/** The page: the flags of the officer's districts, one of them in full, and the figures. */
export class FlagsApp {
  filter: api.Filter = { state: "waiting", kind: "", district: "" };
  words: api.Words = { symptoms: [], kinds: [], declared_by: [] };
  figures: api.Figures | null = null;
  signed: Signed & { districts?: string[] } = { signedIn: false, login: "", role: "" };
  listed: api.Listed | null = null;
  readonly #header = h("header", { class: "page-bar staff-bar" });
  readonly #main = h("main", { class: "flags", tabindex: -1 });
  readonly #filters = h("div", { class: "flag-filters" });
  readonly #list = h("ul", { class: "flag-list" });
  readonly #said = h("p", { class: "flag-said", role: "status" });
  readonly #figures = h("section", { class: "flag-figures" });
  readonly #detail = new DetailPanel(this);
  #known = new Set<number>();
  #timer = 0;
  #figuresAt = 0;

  /** Asks who is signed in, and shows what they may see. */
  async start(): Promise<void> {
    document.body.replaceChildren(this.#header, this.#main);
    this.#head();
    onLanguage(() => this.render());
    this.#alone(t("loading"));
    try {
      this.signed = await session();
      if (!this.signed.signedIn) {
        this.#alone(t("signInHint"), true);
        return;
      }
      [this.words, this.listed] = await Promise.all([api.words(), api.listed(this.filter)]);
    } catch (error) {
      this.#alone(why(error), error instanceof HttpError && error.status === 401);
      if (!(error instanceof HttpError) || error.status !== 403)
        setTimeout(() => void this.start(), EVERY_MS);
      return;
    }
    this.#know();
    this.render();
    addEventListener("hashchange", () => this.#arrive());
    document.addEventListener("visibilitychange", () => void this.look());
    this.#timer = window.setTimeout(() => void this.#goOn(), EVERY_MS);
    void this.#lookAtFigures();
    this.#arrive();
  }

  #alone(text: string, signIn = false): void {
    this.#main.replaceChildren(
      h("p", { class: "flag-alone", role: "status" }, text),
      signIn ? h("a", { class: "button", href: "/sign-in?next=/flags" }, t("signIn")) : "",
    );
  }

  async #goOn(): Promise<void> {
    await this.look();
    this.#timer = window.setTimeout(() => void this.#goOn(), EVERY_MS);
  }

  /** Reads the list again, and tells what is new in it; not while nobody sees it. */
  async look(): Promise<void> {
    if (document.hidden) return;
    try {
      this.listed = await api.listed(this.filter);
      const fresh = this.listed.flags.filter(({ id }) => !this.#known.has(id)).length;
      const asOf = t("asOf", { time: clock(Date.now()) });
      const news = fresh > 0 && this.filter.state === "waiting";
      this.#said.textContent = news ? `${t("newOnes", { n: fresh })} · ${asOf}` : asOf;
      this.#know();
      this.#renderList();
    } catch (error) {
      if (error instanceof HttpError && error.status === 401) {
        clearTimeout(this.#timer);
        this.#alone(t("signInHint"), true);
        return;
      }
      this.#said.textContent = t("away");
    }
    if (Date.now() - this.#figuresAt > FIGURES_MS) await this.#lookAtFigures();
  }

  async #lookAtFigures(): Promise<void> {
    this.#figuresAt = Date.now();
    this.figures = await api.figures().catch(() => this.figures);
    this.#renderFilters();
    this.#renderFigures();
  }

  /** Narrows the list. */
  narrow(filter: Partial<api.Filter>): void {
    this.filter = { ...this.filter, ...filter };
    this.#known = new Set();
    void this.look();
  }

  #know(): void {
    for (const { id } of this.listed?.flags ?? []) this.#known.add(id);
  }

  /** Shows what has become of a flag, in the list too. */
  changed(): void {
    void this.look();
    void this.#lookAtFigures();
  }

  #arrive(): void {
    const id = Number(/^#flag=(\d{1,18})$/.exec(location.hash)?.[1] ?? Number.NaN);
    const chosen = Number.isInteger(id) ? id : null;
    this.#main.classList.toggle("has-flag", chosen !== null);
    void this.#detail.show(chosen);
    this.#renderList();
  }

  #head(): void {
    fillBar(this.#header, t("title"));
  }

  /** Draws all of the page as it stands. */
  render(): void {
    this.#head();
    if (!this.listed) return;
    this.#renderFilters();
    this.#renderList();
    this.#renderFigures();
    this.#detail.render();
    this.#main.replaceChildren(
      h("div", { class: "flag-side" }, this.#filters, this.#said, this.#list),
      this.#figures,
      this.#detail.element,
    );
  }

  #renderFilters(): void {
    const focused = document.activeElement?.id;
    this.#filters.replaceChildren(...filters(this));
    if (focused) this.#filters.querySelector<HTMLElement>(`#${CSS.escape(focused)}`)?.focus();
  }

  #renderList(): void {
    const focused = (document.activeElement as HTMLElement | null)?.getAttribute("href");
    const flags = this.listed?.flags ?? [];
    const waiting = (this.listed?.counts.open ?? 0) + (this.listed?.counts.seen ?? 0);
    document.title = waiting > 0 ? `(${waiting}) ${t("title")}` : t("title");
    this.#list.setAttribute("aria-label", t("list"));
    this.#list.replaceChildren(
      ...(flags.length > 0
        ? flags.map((flag) => flagItem(this, flag))
        : [h("li", { class: "flag-none" }, t("none"))]),
    );
    this.#renderFilters();
    if (focused?.startsWith("#flag="))
      this.#list.querySelector<HTMLElement>(`a[href="${focused}"]`)?.focus();
  }

  #renderFigures(): void {
    this.#figures.setAttribute("aria-label", t("figures"));
    if (this.figures) this.#figures.replaceChildren(...figuresPart(this.figures, this.signed));
  }
}

/** Why something was not done, in words. */
export function why(error: unknown): string {
  if (!(error instanceof HttpError)) return t("noAnswer");
  const { problem } = error;
  if (!problem) return t("noAnswer");
  // What the database's rules say has both languages in one sentence.
  const [vi = "", en = vi] = problem.detail.split(" / ");
  return document.documentElement.lang === "en" ? en : vi;
}
