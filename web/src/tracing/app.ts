import { h } from "../dom";
import { formatNumber } from "../format";
import { HttpError } from "../http";
import { language, onLanguage } from "../locale";
import { fillBar } from "../menu/bar";
import { session } from "../menu/session";
import * as api from "./api";
import { DetailPanel } from "./detail";
import { AskForm } from "./form";
import { HandedPanel } from "./handed";
import { ImportPanel } from "./import";
import { requestItem } from "./list";
import { t } from "./text";

const EVERY_MS = 30_000;

/** What the right side of the page shows; its title takes the keyboard's place when it opens. */
export interface Panel {
  readonly element: HTMLElement;
  show(id: string): Promise<void> | void;
  render(): void;
}

/** The page: the requests of the officer's part, and beside them one in full or a form. */
export class TracingApp {
  calls = new api.Calls("");
  login = "";
  readonly #header = h("header", { class: "page-bar staff-bar" });
  readonly #main = h("main", { class: "flags", tabindex: -1 });
  readonly #side = h("div", { class: "flag-side" });
  readonly #panels: Record<string, Panel>;
  #panel: Panel | null = null;
  #listed: api.Listed | null = null;
  #figures: api.Figures | null = null;

  constructor() {
    this.#panels = {
      request: new DetailPanel(this),
      new: new AskForm(this),
      handed: new HandedPanel(this),
      import: new ImportPanel(this),
    };
  }

  /** Asks who is signed in, and shows what they may see. */
  async start(): Promise<void> {
    document.body.replaceChildren(this.#header, this.#main);
    this.#head();
    onLanguage(() => this.render());
    this.#alone(t("loading"));
    try {
      const signed = await session();
      if (!signed.signedIn) {
        this.#alone(t("signInHint"), true);
        return;
      }
      this.calls = new api.Calls(signed.csrf ?? "");
      this.login = signed.login;
      [this.#listed, this.#figures] = await Promise.all([api.listed(), api.figures()]);
    } catch (error) {
      this.#alone(why(error), error instanceof HttpError && error.status === 401);
      return;
    }
    addEventListener("hashchange", () => this.#arrive());
    document.addEventListener("visibilitychange", () => void this.look());
    setInterval(() => void this.look(), EVERY_MS);
    this.render();
    this.#arrive();
  }

  #alone(text: string, signIn = false): void {
    this.#main.replaceChildren(
      h("p", { class: "flag-alone", role: "status" }, text),
      signIn ? h("a", { class: "button", href: "/sign-in?next=/tracing" }, t("signIn")) : "",
    );
  }

  /** Reads the list again; not while nobody sees it. */
  async look(): Promise<void> {
    if (document.hidden) return;
    try {
      this.#listed = await api.listed();
    } catch (error) {
      if (error instanceof HttpError && error.status === 401) this.#alone(t("signInHint"), true);
      return;
    }
    this.#renderSide();
  }

  /** Goes to a request, and reads the list again. */
  open(id: string): void {
    location.hash = `#request=${id}`;
    void this.look();
  }

  #arrive(): void {
    const [, name = "", id = ""] = /^#(\w+)(?:=([\w-]{1,64}))?$/.exec(location.hash) ?? [];
    this.#panel = this.#panels[name] ?? null;
    this.#main.classList.toggle("has-flag", this.#panel !== null);
    this.#renderMain();
    void this.#panel?.show(id);
  }

  #head(): void {
    fillBar(this.#header, t("title"));
  }

  /** Draws all of the page as it stands. */
  render(): void {
    this.#head();
    if (!this.#listed) return;
    this.#renderSide();
    this.#renderMain();
    this.#panel?.render();
  }

  #renderMain(): void {
    this.#main.replaceChildren(this.#side, this.#panel?.element ?? this.#numbers());
  }

  #numbers(): HTMLElement {
    const told = this.#figures;
    const minutes = told?.minutes_week ?? null;
    const rows = [
      [t("asked"), told?.asked],
      [t("live"), told?.live],
      [t("toCall"), told?.to_call],
      [t("provinceWeek"), told?.province_week],
      [t("districtWeek"), told?.district_week],
      [t("closedWeek"), told?.closed_week],
      [t("firstWeek"), told?.first_week],
      [t("secondWeek"), told?.second_week],
      [t("devicesWeek"), told?.devices_week],
    ] as const;
    return h(
      "section",
      { class: "trace-pick" },
      h("p", {}, t("pick")),
      h(
        "dl",
        { class: "flag-numbers" },
        ...rows.map(([name, value]) =>
          h("div", {}, h("dt", {}, name), h("dd", {}, formatNumber(value ?? 0))),
        ),
        h(
          "div",
          {},
          h("dt", {}, t("hoursWeek")),
          h(
            "dd",
            {},
            minutes === null ? "–" : t("hours", { n: formatNumber(Math.round(minutes / 6) / 10) }),
          ),
        ),
      ),
    );
  }

  #renderSide(): void {
    if (!this.#listed) return;
    const { requests, more, handed } = this.#listed;
    const focused = (document.activeElement as HTMLElement | null)?.getAttribute("href");
    this.#side.replaceChildren(
      h(
        "nav",
        { class: "trace-ways", "aria-label": t("ways") },
        h("a", { class: "button button-strong", href: "#new" }, t("ask")),
        h("a", { class: "button", href: "#handed" }, t("handed", { n: handed })),
        h("a", { class: "button", href: "#import" }, t("import")),
      ),
      h(
        "ul",
        { class: "flag-list", "aria-label": t("list") },
        ...(requests.length > 0
          ? requests.map(requestItem)
          : [h("li", { class: "flag-none" }, t("none"))]),
      ),
      more > 0 ? h("p", { class: "flag-said" }, t("moreRequests", { n: more })) : "",
    );
    if (focused?.startsWith("#"))
      this.#side.querySelector<HTMLElement>(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }
}

/** Why something was not done, in words. */
export function why(error: unknown): string {
  const detail = error instanceof HttpError ? error.problem?.detail : undefined;
  if (!detail) return t("noAnswer");
  // What the database's rules say has both languages in one sentence.
  const [vi = "", en = vi] = detail.split(" / ");
  return language() === "en" ? en : vi;
}
