import type { Column, Feature, LayerConfig, MapConfig } from "../config";
import { button, DRAWINGS, drawing, h } from "../dom";
import { formatNumber, formatValue } from "../format";
import { fetchJson, HttpError } from "../http";
import { pick, t } from "../language";
import type { Hit } from "../map/operations-map";
import { Places } from "./places";

export interface CardEvents {
  /** A feature is shown (with its geometry once known), or, with null, no longer. */
  onShow(shown: { layer: string; id: string } | null, geometry: GeoJSON.Geometry | null): void;
  onZoom(geometry: GeoJSON.Geometry): void;
  onResize(): void;
  onNotice(text: string): void;
}

type State =
  | { kind: "closed" }
  | { kind: "choose"; hits: Hit[] }
  | { kind: "loading"; hit: Hit }
  | { kind: "failed"; hit: Hit; missing: boolean }
  | { kind: "feature"; hit: Hit; feature: Feature; names: Map<string, string> };

/** The card of one feature: its labelled fields, or a choice where several lie together. */
export class FeatureCard {
  readonly element: HTMLElement;
  readonly #config: MapConfig;
  readonly #events: CardEvents;
  readonly #places: Places;
  #state: State = { kind: "closed" };
  #others: Hit[] = [];
  #running: AbortController | null = null;
  #before: HTMLElement | null = null;

  constructor(config: MapConfig, events: CardEvents) {
    this.#config = config;
    this.#events = events;
    this.#places = new Places(config);
    this.element = h("section", {
      id: "feature",
      class: "card",
      tabindex: -1,
      hidden: true,
      "aria-labelledby": "feature-title",
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  /** Whether a card is open. */
  get isOpen(): boolean {
    return this.#state.kind !== "closed";
  }

  /** Opens what was found: one feature, or the choice among several. */
  pick(hits: Hit[]): void {
    const [only] = hits;
    if (!only) {
      this.close();
      return;
    }
    if (hits.length === 1) {
      this.#others = [];
      void this.open(only);
      return;
    }
    this.#others = hits;
    this.#running?.abort();
    this.#become({ kind: "choose", hits });
    this.#events.onShow(null, null);
  }

  /** Fetches a feature and shows it. */
  async open(hit: Hit): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#become({ kind: "loading", hit });
    this.#events.onShow({ layer: hit.layer.id, id: hit.id }, null);
    try {
      const address = `${hit.layer.items}/${encodeURIComponent(hit.id)}?f=json`;
      const feature = await fetchJson<Feature>(address, running.signal);
      const names = await this.#names(hit.layer, feature);
      if (running.signal.aborted) return;
      this.#become({ kind: "feature", hit, feature, names });
      this.#events.onShow({ layer: hit.layer.id, id: hit.id }, feature.geometry);
    } catch (error) {
      if (running.signal.aborted) return;
      const missing = error instanceof HttpError && [404, 410].includes(error.status);
      this.#become({ kind: "failed", hit, missing });
    }
  }

  close(): void {
    if (!this.isOpen) return;
    this.#running?.abort();
    this.#others = [];
    const inside = this.element.contains(document.activeElement);
    this.#become({ kind: "closed" });
    this.#events.onShow(null, null);
    if (inside) this.#before?.focus();
  }

  /** Draws the card in the language in use. */
  render(): void {
    const state = this.#state;
    this.element.hidden = state.kind === "closed";
    if (state.kind === "closed") this.element.replaceChildren();
    else if (state.kind === "choose") this.#renderChoice(state.hits);
    else {
      const title = state.kind === "feature" ? this.#title(state) : state.hit.title;
      const body =
        state.kind === "feature"
          ? this.#fields(state)
          : state.kind === "loading"
            ? h("p", { class: "empty", role: "status" }, t("featureLoading"))
            : this.#failure(state.hit, state.missing);
      this.element.replaceChildren(this.#head(pick(state.hit.layer.title), title), body);
    }
    this.#events.onResize();
  }

  #become(state: State): void {
    const opened = this.#state.kind === "closed" && state.kind !== "closed";
    if (opened && document.activeElement instanceof HTMLElement)
      this.#before = document.activeElement;
    this.#state = state;
    this.render();
    if (opened) this.element.focus({ preventScroll: true });
  }

  #title({ hit, feature }: { hit: Hit; feature: Feature }): string {
    return String(feature.properties[hit.layer.titleColumn] ?? hit.title);
  }

  #head(kind: string, title: string): HTMLElement {
    const back = this.#others.length > 0 && this.#state.kind !== "choose";
    return h(
      "header",
      { class: "card-head" },
      back &&
        button(
          { class: "icon-button", "aria-label": t("back") },
          () => this.pick(this.#others),
          drawing(DRAWINGS.back),
        ),
      h(
        "div",
        { class: "card-titles" },
        h("p", { class: "card-kind" }, kind),
        h("h2", { id: "feature-title" }, title),
      ),
      button(
        { class: "icon-button", "aria-label": t("close") },
        () => this.close(),
        drawing(DRAWINGS.close),
      ),
    );
  }

  #renderChoice(hits: Hit[]): void {
    const choices = hits.map((hit) =>
      h(
        "li",
        {},
        button(
          { class: "choice" },
          () => void this.open(hit),
          h("span", { class: "result-title" }, hit.title),
          h("span", { class: "result-kind" }, pick(hit.layer.title)),
        ),
      ),
    );
    const title = t("featureSeveral", { n: formatNumber(hits.length) });
    this.element.replaceChildren(
      this.#head(t("layers"), title),
      h("ul", { class: "choices" }, ...choices),
    );
  }

  #failure(hit: Hit, missing: boolean): HTMLElement {
    return h(
      "div",
      { class: "empty", role: "alert" },
      h("p", {}, t(missing ? "featureMissing" : "featureFailed")),
      missing ? null : button({ class: "button" }, () => void this.open(hit), t("retry")),
    );
  }

  #fields(state: Extract<State, { kind: "feature" }>): HTMLElement {
    const { hit, feature, names } = state;
    const rows = hit.layer.columns
      .filter(({ name }) => name !== hit.layer.titleColumn)
      .flatMap((column) => {
        const shown = this.#value(column, feature, names);
        return shown === null ? [] : [h("dt", {}, pick(column.title)), h("dd", {}, shown)];
      });
    const item = `${hit.layer.items}/${encodeURIComponent(hit.id)}`;
    return h(
      "div",
      { class: "card-body" },
      h("dl", { class: "fields", "aria-label": t("featureFields") }, ...rows),
      h(
        "div",
        { class: "card-actions" },
        button({ class: "button" }, () => this.#events.onZoom(feature.geometry), t("featureZoom")),
        button({ class: "button" }, () => void this.#copy(), t("featureShare")),
        h("a", { class: "button", href: `${item}?f=html` }, t("featureSource")),
      ),
      hit.layer.synthetic ? h("p", { class: "card-note" }, t("syntheticHint")) : null,
    );
  }

  #value(column: Column, feature: Feature, names: Map<string, string>): string | null {
    const value = feature.properties[column.name];
    const name = names.get(column.name);
    return name ?? formatValue(column, value, this.#config.province.timeZone);
  }

  async #names(layer: LayerConfig, feature: Feature): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const { name } of layer.columns) {
      const place = await this.#places.nameOf(name, feature.properties[name]);
      if (place !== null) found.set(name, place);
    }
    return found;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(location.href);
      this.#events.onNotice(t("featureShared"));
    } catch {
      // No right to the clipboard: the address bar holds the same link.
      this.#events.onNotice(location.href);
    }
  }
}
