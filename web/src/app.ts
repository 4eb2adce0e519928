import type { StyleSpecification } from "maplibre-gl";
import { hasView, readHash, writeHash } from "./address";
import type { LayerConfig, MapConfig, SearchResult } from "./config";
import { h } from "./dom";
import type { Editing } from "./edit/editing";
import type { Freshness } from "./freshness";
import { fetchJson } from "./http";
import { onLanguage, t } from "./language";
import { readyAhead } from "./map/ahead";
import { boxOf, inBox } from "./map/box";
import type { FirstSight } from "./map/first-sight";
import { keepFilters, keepOpacities, readOpacities } from "./map/kept";
import { lettersCome } from "./map/letters";
import { LiveLayers } from "./map/live";
import type { Hit, OperationsMap } from "./map/operations-map";
import { LayerQueries, queriedTiles } from "./map/queries";
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
  readonly #off: Set<string>;
  /** The layers that are off until somebody asks for them. */
  readonly #usual: string[];
  readonly #legends = new Set<string>();
  readonly #over = new Set<string>();
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
  readonly #opacities: Map<string, number>;
  #map: OperationsMap | null = null;
  #tools: Toolbox | null = null;
  #rasters: Rasters | null = null;
  #editing: Editing | null = null;
  #mayLocate = false;
  readonly #sight: FirstSight | null;
  #feature: { layer: string; id: string } | null = null;
  /** What to do with the view when a feature opens: a link that has a view of its own keeps it. */
  #view: "reveal" | "keep" | "zoom" = "reveal";

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
    this.#usual = config.layers.filter(({ shown }) => !shown).map(({ id }) => id);
    const shared = readHash(location.hash, this.#usual);
    this.#off = new Set(shared.off.filter((id) => config.layers.some((one) => one.id === id)));
    keepFilters(this.#queries, config.layers);
    this.#counts = new LayerCounts(config.layers, this.#queries);
    this.#opacities = readOpacities(location.hash, config.layers);
    const first = config.themes[0]?.layers[0];
    if (first && !Sheet.isPhone) this.#legends.add(first);
    this.#places = new Places(config);
    this.#card = new FeatureCard(config, this.#places, {
      onShow: (shown, geometry) => this.#showFeature(shown, geometry),
      onZoom: (geometry) => this.#zoomTo(geometry),
      onResize: () => document.body.classList.toggle("has-card", this.#card.isOpen),
      onNotice: (text) => this.#notices.pass(text),
      explain: (layer, feature) => explained(config, layer, feature),
    });
    this.#search = new SearchBox((result) => this.#found(result));
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
    addEventListener("hashchange", () => this.#follow("keep"));
    await this.#showSight();
    await this.#draw();
    this.#freshness.attach(this.#config.province.timeZone, {
      say: (text) => this.#notices.stay(text),
      back: () => this.#refresh(this.#config.layers.map(({ id }) => id)),
    });
    this.#follow(arrival);
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
      off: this.#off,
      open: this.#legends,
      over: this.#over,
      counts: this.#counts,
      opacities: this.#opacities,
      onToggle: (layer, on) => this.#toggle(layer, on),
      adding: (layer) => this.#adding(layer),
      onOver: (layer, on) => this.#showOver(layer, on),
      onOpacity: (layer, percent) => this.#fade(layer, percent),
    });
  }

  /** Shows the province until the map has been drawn; it has all layers. */
  async #showSight(): Promise<void> {
    const sight = this.#sight;
    if (sight && this.#usual.length === this.#off.size) {
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
    map.whenReady(() => {
      for (const layer of this.#off) map.setVisible(layer, false);
      for (const [layer, percent] of this.#opacities) map.setOpacity(layer, percent / 100);
    });
    const query = ({ id, tiles }: LayerConfig): void =>
      map.setTiles(id, queriedTiles(tiles, this.#queries.parameters(id)));
    for (const layer of this.#config.layers)
      if (this.#queries.parameters(layer.id).size > 0) query(layer);
    this.#queries.onChange((id) => {
      this.#narrow(id);
      const layer = this.#config.layers.find((one) => one.id === id);
      if (layer) query(layer);
    });
    this.#rasters = new Rasters(map);
    this.#panel.querySelector(".panel-body")?.append(this.#rasters.element);
    void this.#rasters.load();
    this.#tools = new Toolbox({
      config: this.#config,
      map,
      queries: this.#queries,
      isOn: (layer) => !this.#off.has(layer),
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

  #toggle(layer: string, on: boolean): void {
    if (on) this.#off.delete(layer);
    else this.#off.add(layer);
    this.#map?.whenReady(() => this.#map?.setVisible(layer, on));
    this.#remember();
  }

  #showOver(layer: string, on: boolean): void {
    if (on) this.#over.add(layer);
    else this.#over.delete(layer);
    this.#narrow(layer);
  }

  /** Draws what is over if that was asked for, or if another time than now is looked at. */
  #narrow(layer: string): void {
    const { filter, datetime } = this.#queries.get(layer);
    const chosen = filter !== null && /\bresult\b/.test(filter);
    const over = this.#over.has(layer) || datetime !== null || chosen;
    this.#map?.whenReady(() => this.#map?.showOver(layer, over));
  }

  #fade(layer: string, percent: number): void {
    if (percent < 100) this.#opacities.set(layer, percent);
    else this.#opacities.delete(layer);
    this.#map?.whenReady(() => this.#map?.setOpacity(layer, percent / 100));
    keepOpacities(this.#opacities);
  }

  #remember(): void {
    const shared = { off: [...this.#off], feature: this.#feature };
    const hash = writeHash(location.hash, shared, this.#usual);
    history.replaceState(history.state, "", hash || location.pathname);
  }

  /** Opens the feature that the address names. */
  #follow(view: "keep" | "zoom"): void {
    const { feature } = readHash(location.hash);
    if (!feature) return;
    if (feature.layer === this.#feature?.layer && feature.id === this.#feature.id) return;
    const layer = this.#config.layers.find(({ id }) => id === feature.layer);
    if (!layer) return;
    this.#view = view;
    if (this.#usual.includes(layer.id) && this.#off.has(layer.id)) {
      this.#toggle(layer.id, true);
      this.#render();
    }
    this.#card.open({ layer, id: feature.id, title: feature.id });
  }

  #showFeature(
    shown: { layer: string; id: string } | null,
    geometry: GeoJSON.Geometry | null,
  ): void {
    this.#feature = shown;
    this.#map?.select(geometry);
    if (geometry) {
      if (this.#view === "zoom") this.#zoomTo(geometry);
      else if (this.#view === "reveal" && geometry.type === "Point")
        this.#map?.revealPoint([geometry.coordinates[0] ?? 0, geometry.coordinates[1] ?? 0]);
      this.#view = "reveal";
    }
    if (shown && Sheet.isPhone) this.#sheet.to("peek");
    this.#remember();
  }

  #zoomTo(geometry: GeoJSON.Geometry): void {
    const box = boxOf(geometry);
    if (!box) return;
    if (box[0] === box[2] && box[1] === box[3]) this.#map?.showPoint([box[0], box[1]], 15);
    else this.#map?.showBox(box);
  }

  #found(result: SearchResult): void {
    const layer = this.#config.layers.find(({ id }) => id === result.layer);
    if (!layer) return;
    const hit: Hit = { layer, id: String(result.id), title: result.title };
    if (this.#off.has(layer.id)) {
      this.#toggle(layer.id, true);
      this.#render();
    }
    this.#card.pick([hit]);
    const box = result.bbox;
    if (box && (box[0] !== box[2] || box[1] !== box[3])) this.#map?.showBox(box);
    else this.#map?.showPoint(result.center);
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
