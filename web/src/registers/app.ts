import { button, h } from "../dom";
import { refusalWords } from "../edit/words";
import { formatNumber } from "../format";
import { onLanguage, pick } from "../locale";
import { fillBar } from "../menu/bar";
import { session } from "../menu/session";
import { type Chosen, filterBar } from "./filters";
import { listTable } from "./list";
import { type Offers, type RegisterRecord, type Row, withOffers } from "./records";
import { addRow, openDeleted, openRow, type RowContext } from "./row-view";
import { address, RegisterServer } from "./server";
import { Sheet } from "./sheet";
import { t } from "./text";

const PAGE = 50;

/** The page of registers: all of it is made from what the records say. */
export class RegistersApp {
  readonly #bar = h("header", { class: "page-bar register-bar" });
  readonly #main = h("main", { class: "registers", tabindex: -1 });
  readonly #said = h("p", { class: "row-said", role: "status", hidden: true });
  readonly #list = h("div", { class: "list" });
  readonly #figures = h("div");
  #server: RegisterServer | null = null;
  #records: RegisterRecord[] = [];
  #record: RegisterRecord | null = null;
  #offers: Offers | null = null;
  #zone = "UTC";
  #chosen: Chosen = {};
  #words = "";
  #sort = "";
  #rows: Row[] = [];
  #next: string | null = null;
  #matched = 0;
  #isCounted = true;
  #asked = 0;
  readonly #sheet = new Sheet(() => {});

  async start(): Promise<void> {
    document.body.prepend(this.#bar, this.#main);
    this.#renderBar();
    onLanguage(() => {
      this.#renderBar();
      this.#render();
    });
    addEventListener("hashchange", () => void this.#choose(this.#named()));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.#load(true);
    });
    await this.#begin();
  }

  async #begin(): Promise<void> {
    this.#main.replaceChildren(h("p", { role: "status" }, t("loading")));
    try {
      const signed = await session();
      if (!signed.signedIn) {
        const here = encodeURIComponent(location.pathname);
        this.#main.replaceChildren(
          h("p", {}, t("signInHint")),
          h("a", { class: "button button-strong", href: `/sign-in?next=${here}` }, t("signIn")),
        );
        return;
      }
      this.#server = new RegisterServer(signed);
      const found = await this.#server.registers();
      this.#records = found.registers;
      this.#zone = found.timeZone;
      if (this.#records.length === 0) this.#main.replaceChildren(h("p", {}, t("none")));
      else await this.#choose(this.#named());
    } catch {
      this.#main.replaceChildren(
        h("p", { role: "alert" }, t("noAnswer")),
        button({ class: "button" }, () => void this.#begin(), t("retry")),
      );
    }
  }

  /** The register that the address names, else the first. */
  #named(): RegisterRecord | null {
    const id = location.hash.slice(1);
    return this.#records.find((one) => one.id === id) ?? this.#records[0] ?? null;
  }

  async #choose(record: RegisterRecord | null): Promise<void> {
    if (!record || !this.#server) return;
    this.#record = record;
    this.#chosen = { ...record.openedWith };
    this.#words = "";
    this.#sort = record.sort;
    this.#rows = [];
    this.#said.hidden = true;
    try {
      this.#offers = await this.#server.offers(record.id);
    } catch (error) {
      this.#main.replaceChildren(
        h("p", { role: "alert" }, refusalWords(error)),
        button({ class: "button" }, () => void this.#choose(record), t("retry")),
      );
      return;
    }
    this.#render();
    await this.#load(false);
  }

  #renderBar(): void {
    fillBar(this.#bar, t("title"));
  }

  #render(): void {
    const record = this.#record;
    if (!record || !this.#offers) return;
    const columns = withOffers(record.columns, this.#offers, true);
    this.#main.replaceChildren(
      this.#chooser(record),
      h("p", { class: "hint described" }, pick(record.description)),
      this.#tools(record),
      this.#figures,
      filterBar(
        columns.filter(({ name }) => record.filters.includes(name)),
        this.#chosen,
        this.#words,
        (chosen, words) => {
          this.#chosen = chosen;
          this.#words = words;
          this.#render();
          void this.#load(false);
        },
      ),
      this.#said,
      this.#list,
    );
    this.#renderList();
    void this.#renderFigures(record);
  }

  #chooser(record: RegisterRecord): HTMLElement {
    const select = h("select", { id: "register" });
    for (const one of this.#records)
      select.append(h("option", { value: one.id }, `${pick(one.theme)}: ${pick(one.title)}`));
    select.value = record.id;
    select.addEventListener("change", () => {
      location.hash = select.value;
    });
    return h(
      "div",
      { class: "field chooser" },
      h("label", { for: "register" }, t("register")),
      select,
    );
  }

  #tools(record: RegisterRecord): HTMLElement {
    const query = new URLSearchParams({ ...this.#chosen, sort: this.#sort });
    const link = (ending: string, words: string): HTMLElement =>
      h("a", { class: "button", href: `${address(record.id)}.${ending}?${query}` }, words);
    return h(
      "div",
      { class: "register-tools" },
      record.adding &&
        button(
          { class: "button button-strong" },
          () => addRow(this.#context(record)),
          pick(record.adding),
        ),
      record.adding &&
        button({ class: "button" }, () => void this.#import(record), t("importSheet")),
      record.revives &&
        button(
          { class: "button" },
          () => void openDeleted(this.#context(record)),
          t("deletedRows"),
        ),
      link("xlsx", t("exportXlsx")),
      link("csv", t("exportCsv")),
    );
  }

  async #import(record: RegisterRecord): Promise<void> {
    const { openImport } = await import("./import-view");
    openImport(this.#context(record));
  }

  #context(record: RegisterRecord): RowContext {
    return {
      record,
      offers: this.#offers as Offers,
      zone: this.#zone,
      server: this.#server as RegisterServer,
      sheet: this.#sheet,
      onChanged: (said) => {
        this.#said.textContent = said;
        this.#said.hidden = false;
        void this.#load(true);
        void this.#renderFigures(record);
      },
    };
  }

  async #renderFigures(record: RegisterRecord): Promise<void> {
    if (record.figures === null) {
      this.#figures.replaceChildren();
      return;
    }
    const open = [...this.#figures.querySelectorAll("details")].map((details) => details.open);
    try {
      const { figuresPart } = await import("./figures");
      const part = await figuresPart(record.figures, this.#zone);
      if (this.#record !== record) return;
      for (const [at, details] of part.querySelectorAll("details").entries())
        details.open = open[at] ?? false;
      this.#figures.replaceChildren(part);
    } catch {
      // The list says by itself that the server does not answer.
    }
  }

  /** Reads the list; `same`: as many rows as there are now, quietly. */
  async #load(same: boolean): Promise<void> {
    const [record, server] = [this.#record, this.#server];
    if (!record || !server) return;
    const asked = ++this.#asked;
    const wanted = same ? Math.max(this.#rows.length, PAGE) : PAGE;
    if (!same) this.#list.replaceChildren(h("p", { role: "status" }, t("loading")));
    try {
      const rows: Row[] = [];
      let next: string | null = null;
      do {
        const page = await server.page(record.id, this.#question(next));
        rows.push(...page.rows);
        next = page.next;
        this.#matched = page.numberMatched;
        this.#isCounted = page.isCounted;
      } while (next !== null && rows.length < wanted);
      if (asked !== this.#asked) return;
      this.#rows = rows;
      this.#next = next;
      this.#renderList();
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#list.replaceChildren(
        h("p", { role: "alert" }, refusalWords(error)),
        button({ class: "button" }, () => void this.#load(same), t("retry")),
      );
    }
  }

  #question(after: string | null): Record<string, string> {
    return {
      ...this.#chosen,
      ...(this.#words ? { q: this.#words } : {}),
      ...(after === null ? {} : { after }),
      sort: this.#sort,
      limit: String(PAGE),
    };
  }

  async #more(): Promise<void> {
    const [record, server] = [this.#record, this.#server];
    if (!record || !server || this.#next === null) return;
    const asked = ++this.#asked;
    try {
      const page = await server.page(record.id, this.#question(this.#next));
      if (asked !== this.#asked) return;
      const first = page.rows[0]?.id;
      this.#rows.push(...page.rows);
      this.#next = page.next;
      this.#renderList();
      this.#list.querySelector<HTMLElement>(`[data-row="${first}"]`)?.focus();
    } catch (error) {
      this.#list.append(h("p", { role: "alert" }, refusalWords(error)));
    }
  }

  #renderList(): void {
    const [record, offers] = [this.#record, this.#offers];
    if (!record || !offers) return;
    const focused = (document.activeElement as HTMLElement | null)?.dataset.row;
    const known = withOffers(record.columns, offers, false);
    const columns = record.listed.flatMap((name) => known.find((one) => one.name === name) ?? []);
    const n = formatNumber(this.#matched);
    this.#list.replaceChildren(
      h("p", { class: "hint", role: "status" }, t(this.#isCounted ? "found" : "foundMore", { n })),
      this.#rows.length > 0
        ? listTable({
            columns,
            titleColumn: record.titleColumn,
            rows: this.#rows,
            zone: this.#zone,
            sort: this.#sort,
            onSort: (sort) => {
              this.#sort = sort;
              this.#render();
              void this.#load(false);
            },
            onOpen: (id) => void openRow(this.#context(record), id),
          })
        : h("p", { class: "empty" }, t("nothing")),
      ...(this.#next === null
        ? []
        : [button({ class: "button" }, () => void this.#more(), t("more"))]),
    );
    if (focused) this.#list.querySelector<HTMLElement>(`[data-row="${focused}"]`)?.focus();
  }
}
