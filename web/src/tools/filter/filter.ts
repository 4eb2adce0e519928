import type { Column, Counts, LayerConfig } from "../../config";
import { button, h } from "../../dom";
import { formatNumber } from "../../format";
import { fetchJson, HttpError } from "../../http";
import { pick } from "../../locale";
import { isPlace, Places } from "../../panel/places";
import type { Tool, ToolContext } from "../tool";
import { type Condition, readFilter, writeFilter } from "./conditions";
import { type Editor, editor } from "./editors";
import "./filter.css";
import { t } from "./text";

const PAUSE_MS = 250;
/** What the server counts by at once, and values of each. */
const MOST_COLUMNS = 12;
const MOST_VALUES = "200";
/** Columns that hold nothing to choose by. */
const NUMBERS_OF_ROWS = "id";

/** The layer that was chosen last, for when the tool is opened again. */
let chosen: string | null = null;

export function open(context: ToolContext): Tool {
  return new Filter(context);
}

/** Chooses features of one layer by its columns; the map, lists and downloads follow. */
class Filter implements Tool {
  readonly #context: ToolContext;
  readonly #places: Places;
  readonly #status = h("p", { class: "filter-total", role: "status" });
  readonly #form = h("div", { class: "filter-form" });
  readonly #clear = button({ class: "button" }, () => this.#reset());
  readonly #stop: () => void;
  #layer: LayerConfig | undefined;
  #conditions = new Map<string, Condition>();
  #editors = new Map<string, Editor>();
  /** The text that the form stands for; another one comes from elsewhere. */
  #written: string | null = null;
  #timer = 0;
  #running: AbortController | null = null;

  constructor(context: ToolContext) {
    this.#context = context;
    this.#places = new Places(context.config);
    const { layers } = context.config;
    this.#layer =
      layers.find(({ id }) => id === chosen) ??
      layers.find(({ id }) => context.queries.get(id).filter !== null) ??
      layers.find(({ id }) => context.isOn(id)) ??
      layers[0];
    this.#stop = context.queries.onChange((id) => {
      if (id !== this.#layer?.id) return;
      if (this.#filter !== this.#written) this.#draw();
      void this.#count();
    });
  }

  title(): string {
    return t("title");
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#timer);
    this.#running?.abort();
  }

  render(): HTMLElement {
    const select = h(
      "select",
      {},
      ...this.#context.config.layers.map((layer) =>
        h("option", { value: layer.id, selected: layer === this.#layer }, pick(layer.title)),
      ),
    );
    select.addEventListener("change", () => {
      this.#layer = this.#context.config.layers.find(({ id }) => id === select.value);
      chosen = select.value;
      this.#draw();
      void this.#count();
    });
    this.#clear.textContent = t("clear");
    this.#draw();
    void this.#count();
    return h(
      "div",
      { class: "tool-body filter" },
      h("label", { class: "filter-layer" }, t("layer"), select),
      this.#status,
      this.#clear,
      this.#form,
    );
  }

  get #filter(): string | null {
    return this.#layer ? this.#context.queries.get(this.#layer.id).filter : null;
  }

  /** The columns to choose by: those with choices first, texts last. */
  get #columns(): Column[] {
    const rank = ({ name, codes, type, format }: Column): number => {
      if (codes) return name === this.#layer?.classColumn ? 0 : 1;
      if (type === "boolean") return 2;
      if (type !== "string") return 3;
      if (isPlace(name)) return 4;
      return format === null ? 6 : 5;
    };
    return (this.#layer?.columns ?? [])
      .filter(({ name, format }) => name !== NUMBERS_OF_ROWS && format !== "uuid")
      .sort((one, other) => rank(one) - rank(other));
  }

  /** The columns with choices, whose numbers are shown. */
  get #counted(): string[] {
    return this.#columns
      .filter(({ name, codes, type }) => codes || type === "boolean" || isPlace(name))
      .slice(0, MOST_COLUMNS)
      .map(({ name }) => name);
  }

  /** Makes the form anew from the layer's filter. */
  #draw(): void {
    const filter = this.#filter;
    const { timeZone } = this.#context.config.province;
    const read = filter === null ? new Map() : readFilter(filter, this.#columns, timeZone);
    this.#written = filter;
    this.#conditions = new Map(read ?? []);
    this.#editors.clear();
    this.#clear.disabled = filter === null;
    const forms = this.#columns.map((column, at) => this.#column(column, at));
    this.#form.replaceChildren(
      ...(read ? forms : [h("p", { class: "empty" }, t("byHand"))]),
      this.#advanced(filter, read === null),
    );
  }

  #column(column: Column, at: number): HTMLElement {
    const condition = this.#conditions.get(column.name);
    const nameOf = isPlace(column.name)
      ? async (value: string) => (await this.#places.nameOf(column.name, value)) ?? value
      : null;
    const asked = h("span", { class: "asked", hidden: !condition }, t("asked"));
    const made = editor(column, condition, nameOf, (changed) => {
      if (changed) this.#conditions.set(column.name, changed);
      else this.#conditions.delete(column.name);
      asked.hidden = changed === null;
      this.#apply();
    });
    this.#editors.set(column.name, made);
    const id = `filter-title-${at}`;
    const unit = column.unit && !column.unit.includes("{") ? ` (${column.unit})` : "";
    const isOpen = condition !== undefined || column.name === this.#layer?.classColumn;
    return h(
      "details",
      { class: "facet", open: isOpen, "data-column": column.name },
      h("summary", {}, h("span", { id }, pick(column.title) + unit), asked),
      h("div", { role: "group", "aria-labelledby": id }, made.element),
    );
  }

  #advanced(filter: string | null, isOpen: boolean): HTMLElement {
    const area = h("textarea", { rows: 4, spellcheck: "false", autocapitalize: "off" });
    area.value = filter ?? "";
    const wrong = h("p", { class: "filter-wrong", role: "alert" });
    const apply = button({ class: "button" }, () => void this.#take(area, wrong), t("apply"));
    const names = this.#layer?.columns.map(({ name }) => name).join(", ") ?? "";
    return h(
      "details",
      { class: "facet advanced", open: isOpen },
      h("summary", {}, t("advanced")),
      h("label", { class: "words" }, t("expression"), area),
      wrong,
      apply,
      h("p", { class: "hint" }, t("advancedHint", { names })),
    );
  }

  /** Takes up an expression that a person wrote, if the server understands it. */
  async #take(area: HTMLTextAreaElement, wrong: HTMLElement): Promise<void> {
    const layer = this.#layer;
    if (!layer) return;
    const filter = area.value.trim() || null;
    wrong.textContent = "";
    area.removeAttribute("aria-invalid");
    try {
      if (filter !== null)
        await fetchJson<Counts>(`${layer.counts}?${new URLSearchParams({ filter })}`);
      this.#context.queries.set(layer.id, { filter });
    } catch (error) {
      const problem = error instanceof HttpError ? error.problem : null;
      area.setAttribute("aria-invalid", String(problem !== null));
      wrong.textContent = problem?.rule ? pick(problem.rule) : (problem?.detail ?? t("failed"));
    }
  }

  #apply(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      const layer = this.#layer;
      if (!layer) return;
      const { timeZone } = this.#context.config.province;
      this.#written = writeFilter(this.#columns, this.#conditions, timeZone);
      this.#clear.disabled = this.#written === null;
      const area = this.#form.querySelector("textarea");
      if (area) area.value = this.#written ?? "";
      this.#context.queries.set(layer.id, { filter: this.#written });
    }, PAUSE_MS);
  }

  #reset(): void {
    const layer = this.#layer;
    if (!layer) return;
    clearTimeout(this.#timer);
    this.#context.queries.set(layer.id, { filter: null });
    this.#context.notify(t("cleared", { layer: pick(layer.title) }));
    this.#status.closest(".tool")?.querySelector("select")?.focus();
  }

  async #count(): Promise<void> {
    const layer = this.#layer;
    if (!layer) return;
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#status.textContent ||= t("counting");
    const by = this.#counted.join(",");
    const asked: Record<string, string> = by === "" ? {} : { by, own: "false", limit: MOST_VALUES };
    const parameters = this.#context.queries.parameters(layer.id, asked);
    try {
      const found = await fetchJson<Counts>(`${layer.counts}?${parameters}`, running.signal);
      const [n, all] = [found.numberMatched, layer.count ?? 0].map(formatNumber);
      const isAll = this.#context.queries.parameters(layer.id).size === 0;
      this.#status.textContent = isAll
        ? t("totalAll", { all: n ?? "" })
        : t("total", { n: n ?? "", all: all ?? "" });
      for (const facet of found.counts) this.#editors.get(facet.property)?.fill?.(facet);
    } catch {
      if (!running.signal.aborted) this.#status.textContent = t("failed");
    }
  }
}
