import type { StyleSpecification } from "maplibre-gl";
import { hasView, writeHash } from "./address";
import type { LayerConfig, MapConfig } from "./config";
import { h } from "./dom";
import type { Editing } from "./edit/editing";
import type { Freshness } from "./freshness";
import { fetchJson } from "./http";
import { onLanguage, t } from "./language";
import { readyAhead } from "./map/ahead";
import { inBox } from "./map/box";
import type { FirstSight } from "./map/first-sight";
import { keepFilters } from "./map/kept";
import { lettersCome } from "./map/letters";
import { LiveLayers } from "./map/live";
import type { Hit, OperationsMap } from "./map/operations-map";
import { LayerQueries } from "./map/queries";
import { ShownLayers } from "./map/shown-layers";
import { Sprite } from "./map/sprite";
import { workerAddress } from "./map/worker-address";
import { controls, position } from "./panel/controls";
import { explained } from "./panel/explained";
import { FeatureCard } from "./panel/feature-card";
import { footer, header, syntheticBadge } from "./panel/header";
import { LayerCounts } from "./panel/layer-counts";
import { type Adding, layerList } from "./panel/layer-list";
import { message } from "./panel/message";
import { Notices } from "./panel/notices";
import { OpenFeature } from "./panel/open-feature";
import { Places } from "./panel/places";
import { Rasters } from "./panel/rasters";
import { SearchBox } from "./panel/search-box";
import { Sheet } from "./panel/sheet";
import { signedIn } from "./signed-in";
import { spaced } from "./spaced";
import { onTheme } from "./theme";
import { Toolbox } from "./tools/toolbox";
import { keepPage } from "./worker";

const EDGE = 24;
/** Milliseconds between two times that the numbers of features are asked for. */
const COUNT_MS = 5000;
/** Milliseconds that the first sight may hold up the drawing library. */
const SIGHT_MS = 1500;
const SPRITE = "/ogc/sprites/sprite";

/** What the page shows, once it is known what there is to show. */
export class App {
  readonly #config: MapConfig;
  readonly #styles = new Map<string, StyleSpecification>();
  readonly #sprite = Sprite.begin(SPRITE);
  readonly #legends = new Set<string>();
  readonly #notices = new Notices();
  readonly #panel = h("aside", { id: "panel", class: "panel", tabindex: -1 });
  readonly #canvas = h("div", { id: "map" });
  readonly #tip = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  readonly #stage: HTMLElement;
  readonly #places: Places;
  readonly #card: FeatureCard;
  readonly #search: SearchBox;
  readonly #sheet: Sheet;
  readonly #queries = new LayerQueries();
  readonly #freshness: Freshness;
  readonly #counts: LayerCounts;
  readonly #shown: ShownLayers;
  readonly #open: OpenFeature;
  #map: OperationsMap | null = null;
  #tools: Toolbox | null = null;
  #rasters: Rasters | null = null;
  #editing: Editing | null = null;
  #mayLocate = false;
  readonly #sight: FirstSight | null;

  /**
   * @param may whether the device may be asked for its position.
   * @param sight the province while the drawing library comes; null where another view is wanted.
   */
  constructor(config: MapConfig, may: boolean, freshness: Freshness, sight: FirstSight | null) {
    this.#freshness = freshness;
    this.#config = config;
    this.#sight = sight;
    for (const { id, drawing } of config.layers) if (drawing) this.#styles.set(id, drawing);
    this.#mayLocate = may;
    keepFilters(this.#queries, config.layers);
    this.#shown = new ShownLayers(config.layers, this.#queries, () => this.#remember());
    this.#counts = new LayerCounts(config.layers, this.#queries);
    const first = config.themes[0]?.layers[0];
    if (first && !Sheet.isPhone) this.#legends.add(first);
    this.#places = new Places(config);
    this.#card = new FeatureCard(config, this.#places, {
      onShow: (shown, geometry) => this.#open.shown(shown, geometry),
      onZoom: (geometry) => this.#open.zoomTo(geometry),
      onResize: () => document.body.classList.toggle("has-card", this.#card.isOpen),
      onNotice: (text) => this.#notices.pass(text),
      explain: (layer, feature) => explained(config, layer, feature),
    });
    this.#open = new OpenFeature({
      config,
      card: this.#card,
      map: () => this.#map,
      show: ({ id }) => this.#show(id),
      changed: () => {
        if (this.#open.now && Sheet.isPhone) this.#sheet.to("peek");
        this.#remember();
      },
    });
    this.#search = new SearchBox((result) => this.#open.found(result));
    this.#stage = h("main", { class: "stage" }, this.#canvas, this.#tip);
    this.#sheet = new Sheet(this.#panel, () => undefined);
  }

  /** Puts the page together and draws the map. */
  async start(): Promise<void> {
    document.body.replaceChildren(
      h("a", { class: "skip", href: "#panel" }, t("skipToLayers")),
      this.#panel,
      this.#stage,
      this.#card.element,
      this.#notices.element,
    );
    this.#render();
    onLanguage(() => {
      this.#render();
      void this.#rasters?.load();
      this.#search.translate();
      this.#sheet.translate();
      this.#card.render();
      this.#freshness.render();
    });
    onTheme(() => this.#panel.querySelector(".layers")?.replaceWith(this.#layers()));
    document.querySelector(".skip")?.addEventListener("click", (event) => {
      event.preventDefault(); // The address keeps the map's view behind its #.
      this.#panel.focus();
    });
    const arrival = hasView(location.hash) ? "keep" : "zoom";
    addEventListener("hashchange", () => this.#open.follow("keep"));
    await this.#showSight();
    await this.#draw();
    this.#freshness.attach(this.#config.province.timeZone, {
      say: (text) => this.#notices.stay(text),
      back: () => this.#refresh(this.#config.layers.map(({ id }) => id)),
    });
    this.#open.follow(arrival);
    this.#editing = await signedIn({
      config: this.#config,
      card: this.#card,
      places: this.#places,
      map: this.#map,
      notify: (text, offer) => this.#notices.pass(text, offer),
      refresh: (layer) => this.#refresh([layer]),
    });
    if (this.#editing) this.#render();
  }

  #render(): void {
    this.#panel.setAttribute("aria-label", t("panelLabel"));
    this.#map?.setLabel(t("mapLabel"));
    const skip = document.querySelector(".skip");
    if (skip) skip.textContent = t("skipToLayers");
    this.#panel.replaceChildren(
      this.#sheet.handle,
      header(this.#config),
      this.#search.element,
      h("div", { class: "panel-body" }, this.#layers(), this.#rasters?.element ?? null),
      footer(),
    );
    const locate = this.#mayLocate ? () => void this.#locate() : null;
    const buttons = controls({
      zoomBy: (steps) => this.#map?.zoomBy(steps),
      home: () => this.#map?.showProvince(),
      locate,
    });
    for (const old of this.#stage.querySelectorAll(".controls, .synthetic")) old.remove();
    if (this.#stage.classList.contains("no-map"))
      this.#stage.replaceChildren(message(t("noWebgl"), t("noWebglHint"), null));
    else this.#stage.append(buttons);
    this.#tools?.render();
    if (this.#config.synthetic) this.#stage.append(syntheticBadge());
  }

  #layers(): HTMLElement {
    return layerList({
      config: this.#config,
      styles: this.#styles,
      sprite: this.#sprite,
      off: this.#shown.off,
      open: this.#legends,
      over: this.#shown.over,
      counts: this.#counts,
      opacities: this.#shown.opacities,
      onToggle: (layer, on) => this.#shown.toggle(layer, on),
      adding: (layer) => this.#adding(layer),
      onOver: (layer, on) => this.#shown.showOver(layer, on),
      onOpacity: (layer, percent) => this.#shown.fade(layer, percent),
    });
  }

  /** Shows the province until the map has been drawn; it has all layers. */
  async #showSight(): Promise<void> {
    const sight = this.#sight;
    if (sight && this.#shown.usual.length === this.#shown.off.size) {
      sight.fit(this.#covered());
      this.#stage.prepend(sight.element);
      // Not longer than it would take: the map itself must come.
      await Promise.race([sight.seen, new Promise((done) => setTimeout(done, SIGHT_MS))]);
    }
    performance.mark("first-sight");
  }

  async #draw(): Promise<void> {
    try {
      const loading = import("./map/operations-map");
      void readyAhead();
      const [{ OperationsMap }] = await Promise.all([loading, lettersCome()]);
      this.#map = new OperationsMap(
        this.#canvas,
        this.#config,
        this.#styles,
        {
          // A click beside a form is no wish to leave it.
          onPick: (hits) => this.#card.hasForm || this.#card.pick(hits),
          onHover: (hit, at) => this.#hover(hit, at),
          onTrouble: () => this.#freshness.lost(),
        },
        () => this.#covered(),
      );
    } catch {
      this.#stage.classList.add("no-map");
      this.#render();
      return;
    }
    const map = this.#map;
    map.onceDrawn(() => {
      this.#sight?.remove();
      performance.mark("map-drawn");
      void keepPage("/", [workerAddress]);
    });
    const layers = this.#config.layers.map(({ id }) => id);
    new LiveLayers(
      layers,
      (changed) => this.#refresh(changed),
      () => this.#freshness.reached(),
      (layer, id) => void this.#card.changed(layer, id),
    );
    map.setLabel(t("mapLabel"));
    this.#shown.attach(map);
    this.#rasters = new Rasters(map);
    this.#panel.querySelector(".panel-body")?.append(this.#rasters.element);
    void this.#rasters.load();
    this.#tools = new Toolbox({
      config: this.#config,
      map,
      queries: this.#queries,
      isOn: (layer) => !this.#shown.off.has(layer),
      notify: (text) => this.#notices.pass(text),
    });
    this.#stage.prepend(this.#tools.toolbar, this.#tools.panel);
    void this.#tools.openNamed(location.hash);
  }

  #adding(layer: LayerConfig): Adding | null {
    return this.#editing?.adding(layer) ?? null;
  }

  /** Draws layers again that have changed, and tells how many features they have now. */
  #refresh(layers: Iterable<string>): void {
    for (const layer of layers) this.#map?.refresh(layer);
    this.#count();
  }

  readonly #count = spaced(async () => {
    try {
      const { layers } = await fetchJson<MapConfig>("/api/map");
      for (const layer of this.#config.layers)
        layer.count = layers.find(({ id }) => id === layer.id)?.count ?? layer.count;
      this.#counts.renew();
    } catch {
      // They stand as they were; the next change asks again.
    }
  }, COUNT_MS);

  /** What covers the map at its edges now. */
  #covered(): { top: number; right: number; bottom: number; left: number } {
    const cover = { top: EDGE, right: EDGE, bottom: EDGE, left: EDGE };
    const card = this.#card.isOpen ? this.#card.element : null;
    const tool = this.#tools?.isOpen ? this.#tools.panel : null;
    if (Sheet.isPhone) {
      const top = (tool ?? card ?? this.#panel).getBoundingClientRect().top;
      cover.bottom += Math.min(innerHeight * 0.6, Math.max(0, innerHeight - top));
    } else {
      if (card) cover.right += card.offsetWidth + EDGE;
      if (tool) cover.left += tool.offsetWidth + EDGE;
    }
    return cover;
  }

  /** Has a layer be on, in the list as well. */
  #show(layer: string): void {
    if (!this.#shown.off.has(layer)) return;
    this.#shown.toggle(layer, true);
    this.#render();
  }

  #remember(): void {
    const shared = { off: [...this.#shown.off], feature: this.#open.now };
    const hash = writeHash(location.hash, shared, this.#shown.usual);
    history.replaceState(history.state, "", hash || location.pathname);
  }

  #hover(hit: Hit | null, { x, y }: { x: number; y: number }): void {
    this.#tip.hidden = hit === null;
    if (!hit) return;
    this.#tip.textContent = hit.title;
    this.#tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }

  async #locate(): Promise<void> {
    try {
      const center = await position();
      if (!inBox(center, this.#config.province.bbox)) this.#notices.pass(t("locateOutside"));
      else {
        this.#map?.select({ type: "Point", coordinates: center });
        this.#map?.showPoint(center);
      }
    } catch {
      this.#notices.pass(t("locateFailed"));
    }
  }
}
