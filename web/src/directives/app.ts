import { button, h } from "../dom";
import { HttpError } from "../http";
import { onLanguage } from "../locale";
import { fillBarWithHome } from "../menu/bar";
import { type Signed, session } from "../menu/session";
import {
  type Asked,
  askedOf,
  type Choices,
  choices,
  type Found,
  find,
  findAt,
  type Opened,
  openedOf,
  PAGE,
  read,
  searchOf,
  type Whole,
} from "./data";
import type { Desk } from "./desk";
import { detail } from "./detail";
import { foundList, searchForm } from "./list";
import { t } from "./text";

/** The page of directives: finding on one side, reading on the other; on a phone one at a time. */
export class DirectivesApp {
  #asked: Asked = askedOf(location.search);
  #opened: Opened = openedOf(location.hash);
  #offered: Choices | null = null;
  #found: Found | null = null;
  #one: Whole | null = null;
  #desk: Desk | null = null;
  #failed = false;
  #missing = false;
  #running: AbortController | null = null;
  readonly #bar = h("header", { class: "page-bar directives-bar" });
  readonly #list = h("section", { class: "finder" });
  readonly #side = h("section", { class: "reader" });
  readonly #main = h("main", { class: "columns", tabindex: -1 }, this.#list, this.#side);

  async start(): Promise<void> {
    document.body.replaceChildren(this.#bar, this.#main);
    this.#render();
    onLanguage(() => this.#render());
    addEventListener("hashchange", () => void this.#follow());
    addEventListener("popstate", () => {
      this.#asked = askedOf(location.search);
    });
    void this.#begin();
    await this.#load();
  }

  /** Who may write gets the means to; their code is loaded for no one else. */
  async #begin(): Promise<void> {
    let signed: Signed;
    try {
      signed = await session();
    } catch {
      return;
    }
    if (!signed.signedIn || !["officer", "admin"].includes(signed.role)) return;
    const { Desk } = await import("./desk");
    this.#desk = await Desk.begin(signed, {
      offered: () => this.#offered,
      saved: (id) => this.#saved(id),
      left: () => this.#go(this.#one ? `#${this.#one.id}` : ""),
    });
    this.#render();
  }

  async #load(): Promise<void> {
    this.#failed = false;
    try {
      this.#offered = await choices();
    } catch {
      this.#failed = true;
      this.#render();
      return;
    }
    await Promise.all([this.#search(), this.#open()]);
  }

  async #saved(id: number | null): Promise<void> {
    this.#one = null;
    this.#go(id === null ? "" : `#${id}`);
    await this.#load();
  }

  #go(hash: string): void {
    history.pushState(null, "", `${location.pathname}${location.search}${hash}`);
    void this.#follow();
  }

  async #follow(): Promise<void> {
    const before = this.#opened;
    this.#opened = openedOf(location.hash);
    if (this.#opened.kind === "at" || before.kind === "at") void this.#search();
    await this.#open();
    const target = this.#side.querySelector<HTMLElement>("h2") ?? this.#list.querySelector("input");
    target?.focus({ preventScroll: this.#opened.kind === "list" });
    if (this.#opened.kind !== "list") scrollTo(0, 0);
  }

  #ask(asked: Asked): void {
    this.#asked = asked;
    const query = searchOf(asked);
    const hash = this.#opened.kind === "at" ? "" : location.hash;
    history.replaceState(null, "", `${location.pathname}${query ? `?${query}` : ""}${hash}`);
    this.#opened = openedOf(location.hash);
    void this.#search();
  }

  async #search(more = false): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    const before = more ? (this.#found?.directives ?? []) : [];
    try {
      const found =
        this.#opened.kind === "at"
          ? await findAt(this.#opened.place, running.signal)
          : await find(this.#asked, before.length, running.signal);
      this.#found = { ...found, directives: [...before, ...found.directives] };
      this.#failed = false;
    } catch {
      if (running.signal.aborted) return;
      this.#failed = true;
    }
    this.#renderList();
  }

  async #open(): Promise<void> {
    const opened = this.#opened;
    this.#missing = false;
    if (opened.kind === "one" || opened.kind === "edit") {
      if (this.#one?.id !== opened.id) {
        this.#one = null;
        this.#renderSide();
        try {
          this.#one = await read(opened.id);
        } catch (error) {
          this.#missing = error instanceof HttpError && error.status === 404;
          this.#failed ||= !this.#missing;
        }
      }
      if (this.#one) await this.#desk?.prepare(this.#one);
    } else if (opened.kind !== "new") this.#one = null;
    this.#render();
  }

  #render(): void {
    fillBarWithHome(this.#bar, t("title"), t("home"));
    this.#renderList();
    this.#renderSide();
  }

  #renderList(): void {
    const focused = document.activeElement as HTMLElement | null;
    const key = this.#list.contains(focused) ? focused?.id || focused?.dataset.key : "";
    const at = this.#opened.kind === "at" ? this.#opened.place : null;
    const shown = this.#found?.directives.length ?? 0;
    this.#list.replaceChildren(
      at ? this.#here(at) : searchForm(this.#asked, this.#offered, (asked) => this.#ask(asked)),
      ...(this.#desk?.creates && !at
        ? [h("a", { class: "button button-strong create", href: "#new" }, t("create"))]
        : []),
      ...this.#results(at !== null),
      ...(this.#found && !at && shown < this.#found.matched && shown >= PAGE
        ? [
            button(
              { class: "button", "data-key": "more" },
              () => void this.#search(true),
              t("more"),
            ),
          ]
        : []),
      h("p", { class: "quiet feed" }, h("a", { href: "/api/directives.atom" }, t("follow"))),
    );
    if (key)
      this.#list.querySelector<HTMLElement>(`#${CSS.escape(key)}, [data-key="${key}"]`)?.focus();
  }

  #here([lon, lat]: [number, number]): HTMLElement {
    return h(
      "div",
      { class: "here" },
      h("h2", {}, t("here", { place: `${lat.toFixed(4)}, ${lon.toFixed(4)}` })),
      h("a", { class: "button", href: "#" }, t("everywhere")),
    );
  }

  #results(here: boolean): Node[] {
    if (this.#failed)
      return [
        h("p", { class: "fault", role: "alert" }, t("failed")),
        button({ class: "button" }, () => void this.#load(), t("retry")),
      ];
    if (!this.#found) return [h("p", { class: "quiet", role: "status" }, t("loading"))];
    if (this.#found.directives.length === 0)
      return [h("p", { class: "quiet", role: "status" }, t(here ? "noneHere" : "none"))];
    return foundList(this.#found, this.#offered, this.#one?.id ?? null);
  }

  #renderSide(): void {
    const { kind } = this.#opened;
    const reads = kind !== "list" && kind !== "at";
    this.#main.classList.toggle("reading", reads);
    this.#side.replaceChildren();
    if (!reads) {
      this.#side.append(h("p", { class: "quiet choose" }, t("choose")));
      return;
    }
    const back = h("a", { class: "button back", href: "#" }, t("back"));
    this.#side.append(back, this.#body());
  }

  #body(): HTMLElement {
    const { kind } = this.#opened;
    if (this.#missing) return h("p", { class: "fault", role: "alert" }, t("missing"));
    const form =
      kind === "new"
        ? this.#desk?.form(null)
        : kind === "edit" && this.#one
          ? this.#desk?.form(this.#one)
          : null;
    if (form) return form;
    if (!this.#one || !this.#offered)
      return h("p", { class: "quiet", role: "status" }, t(this.#failed ? "failed" : "loading"));
    return detail(this.#one, this.#offered, this.#desk?.tools(this.#one) ?? null);
  }
}
