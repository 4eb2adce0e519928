import type { StyleSpecification } from "maplibre-gl";
import { readField, writeField } from "../../address";
import type { LayerConfig } from "../../config";
import { h } from "../../dom";
import { formatShortDate } from "../../format";
import { pick } from "../../language";
import { translator } from "../../locale";
import { queriedTiles } from "../../map/queries";
import { Places } from "../../panel/places";
import { en } from "../../texts/tools/compare/en";
import { vi } from "../../texts/tools/compare/vi";
import { choice, tick } from "../fields";
import type { Tool, ToolContext } from "../tool";
import { type TimeWindow, windowInterval } from "../windows/windows";
import { timedLayer, windowChoices, windowWords } from "../windows/words";
import { addDays, dayOf, isDay } from "../windows/zone";
import { countBoth, type LayerPair } from "./differences";
import { type CompareState, readState, writeState } from "./state";
import { Swipe } from "./swipe";
import { districtTable, layerTable } from "./table";
import "../fields.css";
import "./compare.css";

const t = translator({ vi, en });
const FIELD = "compare";
const DISTRICT = "district_code";
const SETTLE_MS = 250;

/** Opens the comparison of two dates. */
export function open(context: ToolContext): Tool {
  return new CompareTool(context);
}

class CompareTool implements Tool {
  readonly #context: ToolContext;
  readonly #timed: LayerConfig[];
  readonly #zone: string;
  readonly #state: CompareState;
  readonly #places: Places;
  /** What the layers' times were before, to be put back. */
  readonly #before = new Map<string, string | null>();
  readonly #status = h("p", { class: "tool-status", role: "status" });
  readonly #tables = h("div", { class: "compare-tables" });
  readonly #forget: () => void;
  #swipe: Swipe | null = null;
  #pairs: LayerPair[] = [];
  #names: ReadonlyMap<string, string> = new Map();
  #district = "";
  #counting: AbortController | null = null;
  #settling = 0;

  constructor(context: ToolContext) {
    this.#context = context;
    this.#zone = context.config.province.timeZone;
    this.#places = new Places(context.config);
    this.#timed = context.config.layers.filter(({ time }) => time !== null);
    this.#state = this.#restored();
    for (const { id } of this.#timed) this.#before.set(id, context.queries.get(id).datetime);
    for (const id of this.#state.layers) this.#setFirst(id);
    try {
      const map = context.map.drawn;
      this.#swipe = new Swipe(map, this.#secondStyle(), t("rightMap"), (percent) =>
        this.#divide(percent),
      );
    } catch {
      context.notify(t("noMap"));
    }
    this.#forget = context.queries.onChange((id) => this.#changed(id));
    this.#remember();
    void this.#count();
  }

  title(): string {
    return t("title");
  }

  render(): HTMLElement {
    const { a } = this.#state;
    this.#divide(this.#state.divider);
    this.#showTables();
    return h(
      "div",
      { class: "tool-body tool-compare" },
      h(
        "div",
        { class: "tool-row" },
        this.#dayField("a", t("first")),
        this.#dayField("b", t("second")),
      ),
      choice(t("window"), windowChoices(), a.name, (name) => {
        this.#state.a.name = name;
        this.#state.b.name = name;
        this.#apply();
      }),
      h("p", { class: "tool-note" }, t("meaning")),
      this.#status,
      this.#tables,
      h(
        "fieldset",
        { class: "tool-choices" },
        h("legend", {}, t("layers")),
        ...this.#timed.map((layer) => this.#layerChoice(layer)),
      ),
    );
  }

  close(): void {
    this.#forget();
    this.#counting?.abort();
    clearTimeout(this.#settling);
    this.#swipe?.close();
    for (const [layer, datetime] of this.#before) this.#context.queries.set(layer, { datetime });
    const hash = writeField(location.hash, FIELD, null);
    history.replaceState(history.state, "", hash || location.pathname);
  }

  /** The state of the address, or the last two weeks of the layers of events that are on. */
  #restored(): CompareState {
    const ids = this.#timed.map(({ id }) => id);
    const kept = readState(readField(location.hash, FIELD), ids);
    if (kept) return kept;
    const events = this.#timed.filter(
      ({ id, time }) => time?.of === "event" && this.#context.isOn(id),
    );
    const days = events.map(({ time }) => dayOf(new Date(time?.last ?? Date.now()), this.#zone));
    const today = dayOf(new Date(), this.#zone);
    const last = [today, days.sort().at(-1) ?? today].sort()[0] ?? today;
    const wide = this.#context.map.drawn.getContainer().clientWidth > 700;
    return {
      a: { last: addDays(last, -7), name: "week" },
      b: { last, name: "week" },
      // On a wide screen the panel covers a part of the left side.
      divider: wide ? 66 : 50,
      layers: events.map(({ id }) => id),
    };
  }

  #interval(side: "a" | "b"): string {
    return windowInterval(this.#state[side], this.#zone);
  }

  #setFirst(layer: string): void {
    this.#context.queries.set(layer, { datetime: this.#interval("a") });
  }

  /** The address of a layer's tiles on the second map. */
  #secondTiles(layer: LayerConfig): string {
    const parameters = this.#context.queries.parameters(layer.id);
    if (this.#state.layers.includes(layer.id)) parameters.set("datetime", this.#interval("b"));
    return queriedTiles(layer.tiles, parameters);
  }

  #secondStyle(): StyleSpecification {
    const style = this.#context.map.drawn.getStyle();
    for (const layer of this.#timed) {
      const source = style.sources[layer.id];
      if (source?.type === "vector")
        style.sources[layer.id] = {
          ...source,
          tiles: [location.origin + this.#secondTiles(layer)],
        };
    }
    return style;
  }

  #changed(id: string): void {
    const layer = this.#context.config.layers.find((one) => one.id === id);
    if (layer) this.#swipe?.setTiles(id, this.#secondTiles(layer));
    clearTimeout(this.#settling);
    this.#settling = window.setTimeout(() => void this.#count(), SETTLE_MS);
  }

  #apply(): void {
    for (const id of this.#state.layers) {
      this.#setFirst(id);
      this.#changed(id);
    }
    this.#divide(this.#state.divider);
    this.#remember();
  }

  #remember(): void {
    const hash = writeField(location.hash, FIELD, writeState(this.#state));
    history.replaceState(history.state, "", hash);
  }

  #divide(percent: number): void {
    this.#state.divider = percent;
    const side = (name: string, window: TimeWindow): string =>
      t("side", { name, window: windowWords(window, formatShortDate) });
    this.#swipe?.divide(percent, {
      label: t("divider"),
      value: t("dividerAt", { n: percent }),
      a: side("A", this.#state.a),
      b: side("B", this.#state.b),
    });
    this.#remember();
  }

  #dayField(side: "a" | "b", label: string): HTMLElement {
    const input = h("input", { type: "date", required: true, value: this.#state[side].last });
    input.addEventListener("change", () => {
      const good = isDay(input.value);
      input.setAttribute("aria-invalid", String(!good));
      if (!good) {
        this.#status.textContent = t("wrongDay");
        return;
      }
      this.#state[side].last = input.value;
      this.#apply();
    });
    return h("label", { class: "tool-field" }, h("span", {}, label), input);
  }

  #layerChoice(layer: LayerConfig): HTMLElement {
    const label = timedLayer(layer, this.#context.isOn(layer.id));
    return tick(label, this.#state.layers.includes(layer.id), (ticked) => {
      const { layers } = this.#state;
      this.#state.layers = ticked ? [...layers, layer.id] : layers.filter((id) => id !== layer.id);
      const datetime = ticked ? this.#interval("a") : (this.#before.get(layer.id) ?? null);
      this.#context.queries.set(layer.id, { datetime });
      this.#changed(layer.id);
      this.#remember();
    });
  }

  async #count(): Promise<void> {
    this.#counting?.abort();
    const counting = new AbortController();
    this.#counting = counting;
    const windows = [this.#interval("a"), this.#interval("b")] as const;
    const layers = this.#timed.filter(({ id }) => this.#state.layers.includes(id));
    this.#status.textContent = layers.length === 0 ? t("none") : t("loading");
    try {
      const pairs = await Promise.all(
        layers.map((layer) => countBoth(layer, this.#context.queries, windows, counting.signal)),
      );
      const names = await this.#districtNames(pairs);
      if (counting.signal.aborted) return;
      this.#pairs = pairs;
      this.#names = names;
      if (layers.length > 0) this.#status.textContent = "";
    } catch {
      if (counting.signal.aborted) return;
      this.#pairs = [];
      this.#status.textContent = t("failed");
    }
    this.#showTables();
  }

  async #districtNames(pairs: readonly LayerPair[]): Promise<Map<string, string>> {
    const codes = new Set(pairs.flatMap(({ districts }) => [...districts.keys()]));
    const names = new Map<string, string>([["", t("elsewhere")]]);
    for (const code of codes) {
      const name = await this.#places.nameOf(DISTRICT, code);
      if (name !== null) names.set(code, name);
    }
    return names;
  }

  #showTables(): void {
    const pairs = this.#pairs;
    if (pairs.length === 0) {
      this.#tables.replaceChildren();
      return;
    }
    const words = { difference: t("difference") };
    const parts: HTMLElement[] = [
      layerTable({ ...words, caption: t("table"), first: t("layer") }, pairs),
    ];
    const placed = pairs.filter(({ districts }) => districts.size > 0);
    const shown = placed.find(({ layer }) => layer.id === this.#district) ?? placed[0];
    if (shown) {
      const titles = placed.map(({ layer }) => [layer.id, pick(layer.title)] as const);
      parts.push(
        choice(t("districts"), titles, shown.layer.id, (id) => {
          this.#district = id;
          this.#showTables();
          this.#tables.querySelector("select")?.focus();
        }),
        districtTable(
          {
            ...words,
            caption: t("byDistrict", { layer: pick(shown.layer.title) }),
            first: t("district"),
          },
          shown,
          this.#names,
        ),
      );
    }
    this.#tables.replaceChildren(...parts);
  }
}
