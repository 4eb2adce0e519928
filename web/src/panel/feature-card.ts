import type { Column, Feature, LayerConfig, MapConfig } from "../config";
import { button, DRAWINGS, drawing, h } from "../dom";
import { formatNumber, formatValue } from "../format";
import { fetchJson, HttpError } from "../http";
import { pick, t } from "../language";
import type { Hit } from "../map/operations-map";
import { linkOf } from "./links";
import type { Places } from "./places";

export interface CardEvents {
  /** A feature is shown (with its geometry once known), or, with null, no longer. */
  onShow(shown: { layer: string; id: string } | null, geometry: GeoJSON.Geometry | null): void;
  onZoom(geometry: GeoJSON.Geometry): void;
  onResize(): void;
  onNotice(text: string): void;
  /** What explains a feature above its fields; null where they speak for themselves. */
  explain(layer: LayerConfig, feature: Feature): HTMLElement | null;
}

/** A form in the place of a feature's fields. */
export interface CardForm {
  readonly element: HTMLElement;
  readonly title: string;
  /** The feature's id; null for a new one. */
  readonly id: string | null;
  /** Whether a click on the map beside it is about another feature. */
  readonly passing?: boolean;
  /** Whether the card may go on to something else; asks the person where something would be lost. */
  mayLeave(): Promise<boolean>;
  close(): void;
  render(): void;
  changedMeanwhile(): void;
}

/** What is added to the card of a feature below its fields. */
export interface CardPart {
  below(hit: Hit, feature: Feature): HTMLElement | null;
}

type State =
  | { kind: "closed" }
  | { kind: "choose"; hits: Hit[] }
  | { kind: "loading"; hit: Hit }
  | { kind: "failed"; hit: Hit; missing: boolean }
  | { kind: "feature"; hit: Hit; feature: Feature; names: Map<string, string> }
  | { kind: "form"; layer: LayerConfig; form: CardForm };

/** The card of one feature: its labelled fields, or a choice where several lie together. */
export class FeatureCard {
  readonly element: HTMLElement;
  readonly #config: MapConfig;
  readonly #events: CardEvents;
  readonly #places: Places;
  /** What those add who may do more than look. */
  part: CardPart | null = null;
  #state: State = { kind: "closed" };
  #others: Hit[] = [];
  #running: AbortController | null = null;
  #before: HTMLElement | null = null;

  constructor(config: MapConfig, places: Places, events: CardEvents) {
    this.#config = config;
    this.#events = events;
    this.#places = places;
    this.element = h("section", {
      id: "feature",
      class: "card",
      tabindex: -1,
      hidden: true,
      "aria-labelledby": "feature-title",
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      // The question that may come would take the same key for an answer.
      event.preventDefault();
      this.close();
    });
  }

  /** Whether a card is open. */
  get isOpen(): boolean {
    return this.#state.kind !== "closed";
  }

  /** Whether a form is open: clicks on the map are then not about other features. */
  get hasForm(): boolean {
    return this.#state.kind === "form" && !this.#state.form.passing;
  }

  /** Shows a form in place of the feature. */
  take(layer: LayerConfig, form: CardForm): void {
    this.#running?.abort();
    this.#become({ kind: "form", layer, form });
  }

  /** Lets a form go without asking; what comes next is for who took it to say. */
  release(): void {
    if (this.#state.kind === "form") this.#state.form.close();
  }

  /** Opens what was found, unless a form is open that its person would rather keep. */
  pick(hits: Hit[]): void {
    this.leave(() => this.#pick(hits));
  }

  /** Goes on to something else, once a form that is open may go. */
  leave(then: () => void): void {
    if (this.#state.kind !== "form") {
      then();
      return;
    }
    const { form } = this.#state;
    void form.mayLeave().then((may) => {
      if (!may) return;
      form.close();
      then();
    });
  }

  /** One feature, or the choice among several. */
  #pick(hits: Hit[]): void {
    const [only] = hits;
    if (!only) {
      this.dismiss();
      return;
    }
    if (hits.length === 1) {
      this.#others = [];
      void this.show(only);
      return;
    }
    this.#others = hits;
    this.#running?.abort();
    this.#become({ kind: "choose", hits });
    this.#events.onShow(null, null);
  }

  /** Opens a feature, unless a form is open that its person would rather keep. */
  open(hit: Hit): void {
    this.leave(() => void this.show(hit));
  }

  /** Fetches a feature and shows it. */
  async show(hit: Hit): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#become({ kind: "loading", hit });
    this.#events.onShow({ layer: hit.layer.id, id: hit.id }, null);
    try {
      const feature = await this.#read(hit, running.signal);
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
    this.leave(() => this.dismiss());
  }

  /**
   * Takes note of a change of a feature by whomever. The open one is read again, and if it is
   * another than what is shown, that is said; a form is told, so that its person knows before saving.
   */
  async changed(layer: string, id: string): Promise<void> {
    const state = this.#state;
    if (state.kind === "form" && state.layer.id === layer && state.form.id === id)
      state.form.changedMeanwhile();
    if (state.kind !== "feature" || state.hit.layer.id !== layer || state.hit.id !== id) return;
    try {
      const feature = await this.#read(state.hit);
      if (JSON.stringify(feature) === JSON.stringify(state.feature)) return;
      const names = await this.#names(state.hit.layer, feature);
      if (this.#state !== state) return;
      this.#again({ ...state, feature, names });
      this.#events.onShow({ layer, id }, feature.geometry);
      this.#events.onNotice(t("featureChanged"));
    } catch {
      if (this.#state === state) void this.show(state.hit);
    }
  }

  /** Closes without asking. */
  dismiss(): void {
    if (!this.isOpen) return;
    this.release();
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
    else if (state.kind === "form") {
      state.form.render();
      const head = this.#head(pick(state.layer.title), state.form.title);
      this.element.replaceChildren(head, state.form.element);
    } else {
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

  /** Draws what is open anew, with its parts open, its place and the focus as they were. */
  #again(state: State): void {
    const open = [...this.element.querySelectorAll("details[open]")].map((one) => one.className);
    const focused = document.activeElement?.closest("details")?.className;
    const top = this.element.scrollTop;
    this.#become(state);
    for (const one of this.element.querySelectorAll("details")) {
      one.open ||= open.includes(one.className);
      if (one.className === focused) one.querySelector("summary")?.focus({ preventScroll: true });
    }
    this.element.scrollTop = top;
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
          () => void this.show(hit),
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
      missing ? null : button({ class: "button" }, () => void this.show(hit), t("retry")),
    );
  }

  #fields(state: Extract<State, { kind: "feature" }>): HTMLElement {
    const { hit, feature, names } = state;
    const rows = hit.layer.columns
      // Lists by step are for the slider, and told above.
      .filter(({ name }) => name !== hit.layer.titleColumn && !name.endsWith("_by_step"))
      .flatMap((column) => {
        const shown = this.#value(column, feature, names);
        return shown === null ? [] : [h("dt", {}, pick(column.title)), h("dd", {}, shown)];
      });
    const item = `${hit.layer.items}/${encodeURIComponent(hit.id)}`;
    return h(
      "div",
      { class: "card-body" },
      this.#events.explain(hit.layer, feature),
      h("dl", { class: "fields", "aria-label": t("featureFields") }, ...rows),
      h(
        "div",
        { class: "card-actions" },
        button({ class: "button" }, () => this.#events.onZoom(feature.geometry), t("featureZoom")),
        button({ class: "button" }, () => void this.#copy(), t("featureShare")),
        h("a", { class: "button", href: `${item}?f=html` }, t("featureSource")),
        this.#pageOf(hit, feature),
      ),
      this.part?.below(hit, feature) ?? null,
      hit.layer.synthetic ? h("p", { class: "card-note" }, t("syntheticHint")) : null,
    );
  }

  /** The page about the feature; for a place, that of the directives that apply there. */
  #pageOf({ layer, id }: Hit, { geometry }: Feature): HTMLElement | null {
    if (layer.page) {
      const href = layer.page.replace("{id}", encodeURIComponent(id));
      return h("a", { class: "button", href }, t("featurePage"));
    }
    if (geometry?.type !== "Point") return null;
    const href = `/directives#at=${geometry.coordinates.slice(0, 2).join(",")}`;
    return h("a", { class: "button", href }, t("featureDirectives"));
  }

  /** A value as people read it: a unit leads to its card, an address to its page, a number to a call. */
  #value(column: Column, feature: Feature, names: Map<string, string>): Node | string | null {
    const value = feature.properties[column.name];
    const name = names.get(column.name);
    const layer = this.#places.layer;
    if (name !== undefined && layer) {
      const id = String(value);
      const href = `#feature=${layer.id}/${encodeURIComponent(id)}`;
      const link = h("a", { href }, name);
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.open({ layer, id, title: name });
      });
      return link;
    }
    const address = column.codes ? null : linkOf(value);
    if (address === null) return formatValue(column, value, this.#config.province.timeZone);
    return h("a", { href: address, rel: "noopener noreferrer" }, String(value));
  }

  #read(hit: Hit, signal?: AbortSignal): Promise<Feature> {
    const address = `${hit.layer.items}/${encodeURIComponent(hit.id)}?f=json`;
    return fetchJson<Feature>(address, signal);
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
