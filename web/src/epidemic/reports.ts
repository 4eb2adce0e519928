// What communes report of a day: typed here, or taken from the form that they fill in.
import { button, h } from "../dom";
import { Refusal } from "../edit/calls";
import { refusalWords } from "../edit/words";
import { field } from "../form-parts";
import { formatNumber } from "../format";
import { type Bilingual, pick } from "../locale";
import { type RegisterServer, sentence } from "../registers/server";
import { t } from "./text";

interface Report {
  commune: string;
  name: string;
  district: string;
  community: number | null;
  isolated: number | null;
  deaths: number | null;
}

interface Outcome {
  read: number;
  new: number;
  corrected: number;
  same: number;
  bad: number;
  written: boolean;
  problems: { line: number; column: string | null; value: string; rule: Bilingual }[];
}

const COUNTS = ["community", "isolated", "deaths"] as const;
const ADDRESS = "/api/epidemic/reports";
const TYPES: Record<string, string> = {
  csv: "text/csv",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

/** The part of the page for who reports; nothing for anybody else. */
export class Reports {
  readonly element = h("section", { class: "epi-part epi-reports", hidden: true });
  readonly #server: RegisterServer;
  readonly #said = h("div", { class: "epi-said", role: "status" });
  readonly #day = h("input", { id: "epi-day", type: "date" });
  readonly #reason = h("input", { id: "epi-reason", type: "text", maxlength: 500 });
  readonly #rows = h("div", { class: "epi-scroll" });
  readonly #file = h("input", { id: "epi-file", type: "file", accept: ".xlsx,.csv" });
  readonly #measure = h("select", { id: "epi-measure" });
  readonly #changed: () => void;
  #reports: Report[] = [];

  constructor(server: RegisterServer, changed: () => void) {
    this.#server = server;
    this.#changed = changed;
    this.#day.addEventListener("change", () => void this.load());
  }

  /** Reads what was reported of the day that is chosen. */
  async load(): Promise<void> {
    const asked = this.#day.value ? `?day=${this.#day.value}` : "";
    try {
      const found = await this.#server.read<{ day: string; communes: Report[] }>(ADDRESS + asked);
      this.#reports = found.communes;
      this.#day.value = found.day;
      this.#day.max ||= found.day;
      this.element.hidden = found.communes.length === 0;
      this.render();
    } catch (error) {
      if (!(error instanceof Refusal && error.status === 403)) this.#tell(refused(error));
    }
  }

  /** Draws the part as it stands. */
  render(): void {
    if (this.element.hidden) return;
    this.#measure.replaceChildren(...COUNTS.map((name) => h("option", { value: name }, t(name))));
    this.#rows.replaceChildren(this.#table());
    const form = h(
      "form",
      { class: "epi-form", novalidate: true },
      h(
        "div",
        { class: "epi-fields" },
        field(this.#day, t("day")),
        field(this.#reason, t("reason"), { hint: t("reasonHint") }),
      ),
      this.#rows,
      h("button", { type: "submit", class: "button button-strong" }, t("save")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#save();
    });
    this.element.replaceChildren(
      h("h2", {}, t("report")),
      h(
        "p",
        { class: "epi-about" },
        t("reportHint"),
        " ",
        h("a", { href: "/registers#case_reports" }, t("history")),
      ),
      form,
      this.#sheetPart(),
      this.#said,
    );
  }

  #table(): HTMLElement {
    return h(
      "table",
      { class: "epi-entry" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...[t("commune"), ...COUNTS.map((name) => t(name))].map((head) =>
            h("th", { scope: "col" }, head),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        ...this.#reports.map((one) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, one.name),
            ...COUNTS.map((name) =>
              h(
                "td",
                {},
                h("input", {
                  type: "number",
                  min: 0,
                  max: 100_000,
                  inputmode: "numeric",
                  value: one[name] ?? "",
                  "data-commune": one.commune,
                  "data-count": name,
                  "aria-label": `${one.name}: ${t(name)}`,
                }),
              ),
            ),
          ),
        ),
      ),
    );
  }

  #sheetPart(): HTMLElement {
    return h(
      "details",
      {},
      h("summary", {}, t("sheet")),
      h("p", { class: "epi-about" }, t("sheetHint")),
      h(
        "div",
        { class: "epi-fields" },
        field(this.#measure, t("measure")),
        field(this.#file, t("file")),
      ),
      h(
        "div",
        { class: "epi-actions" },
        h("a", { class: "button", href: `${ADDRESS}/form.xlsx` }, t("form")),
        button({ class: "button" }, () => void this.#take(true), t("check")),
        button({ class: "button button-strong" }, () => void this.#take(false), t("take")),
      ),
    );
  }

  /** The rows that say something else than what was reported. */
  #given(): Record<string, string | number>[] {
    const known = new Map(this.#reports.map((one) => [one.commune, one]));
    const rows = new Map<string, Record<string, string | number>>();
    for (const input of this.#rows.querySelectorAll<HTMLInputElement>("input")) {
      const { commune = "", count = "" } = input.dataset;
      const before = known.get(commune)?.[count as (typeof COUNTS)[number]] ?? null;
      if (input.value === "" || Number(input.value) === before) continue;
      const row = rows.get(commune) ?? { commune };
      row[count] = Number(input.value);
      rows.set(commune, row);
    }
    return [...rows.values()];
  }

  async #save(): Promise<void> {
    const rows = this.#given();
    if (rows.length === 0) {
      this.#tell([h("p", {}, t("nothing"))]);
      return;
    }
    const body = { day: this.#day.value, rows, reason: this.#reason.value || null };
    await this.#send(ADDRESS, body, "application/json");
  }

  async #take(dry: boolean): Promise<void> {
    const file = this.#file.files?.[0];
    if (!file) {
      this.#tell([h("p", { role: "alert" }, t("chooseFile"))]);
      this.#file.focus();
      return;
    }
    const asked = new URLSearchParams({ measure: this.#measure.value, dry_run: String(dry) });
    if (this.#reason.value) asked.set("reason", this.#reason.value);
    const type = TYPES[file.name.split(".").pop()?.toLowerCase() ?? ""] ?? "";
    await this.#send(`${ADDRESS}/import?${asked}`, file, type);
  }

  async #send(address: string, body: unknown, type: string): Promise<void> {
    this.#tell([h("p", {}, t("sending"))]);
    try {
      const answer = await this.#server.change("POST", address, body, type);
      const outcome = (await answer.json()) as Outcome;
      if (outcome.written) {
        this.#reason.value = "";
        await this.load();
        this.#changed();
      }
      this.#tell(told(outcome));
    } catch (error) {
      this.#tell(refused(error));
    }
  }

  #tell(parts: HTMLElement[]): void {
    this.#said.replaceChildren(...parts);
    this.#said.scrollIntoView({ block: "nearest" });
  }
}

function told(outcome: Outcome): HTMLElement[] {
  const { bad, problems, written } = outcome;
  const counts = {
    n: formatNumber(outcome.new),
    corrected: formatNumber(outcome.corrected),
    same: formatNumber(outcome.same),
  };
  if (bad === 0) return [h("p", { class: "epi-good" }, t(written ? "saved" : "checked", counts))];
  return [
    h("p", { role: "alert", class: "epi-bad" }, t("faults", { n: formatNumber(bad) })),
    h(
      "ul",
      {},
      ...problems.map(({ line, column, value, rule }) =>
        h(
          "li",
          {},
          [t("line", { n: line }), column, value, pick(rule)].filter(Boolean).join(" · "),
        ),
      ),
    ),
  ];
}

function refused(error: unknown): HTMLElement[] {
  const said =
    error instanceof Refusal ? (error.problem as unknown as Partial<Outcome> | null) : null;
  if (said?.problems) return told({ bad: 0, ...said } as Outcome);
  const isSaid = error instanceof Refusal && error.status === 400;
  return [
    h("p", { role: "alert", class: "epi-bad" }, isSaid ? sentence(error) : refusalWords(error)),
  ];
}
