import type {
  LngLatBoundsLike,
  MapGeoJSONFeature,
  MapMouseEvent,
  PaddingOptions,
  PointLike,
  StyleSpecification,
  VectorTileSource,
} from "maplibre-gl";
import type { Box, LayerConfig, MapConfig } from "../config";
import { compose, isGround, NAMES, ownerOf, type Styles } from "./compose";
import { Current } from "./current";
import { withOwnLetters } from "./letters";
import { AttributionControl, type MapLibre, ScaleControl } from "./library";
import { AreaNames } from "./names";
import { inTheme, keepInTheme, onPaper } from "./night";
import { fadedPaint } from "./opacity";
import { PacedMap } from "./paced-map";
import { showSelection, withSelection } from "./selection";
import { keepView, readView } from "./view";

/** A feature that was found under the pointer. */
export interface Hit {
  layer: LayerConfig;
  id: string;
  title: string;
}

export interface MapEvents {
  onPick(hits: Hit[]): void;
  onHover(hit: Hit | null, at: { x: number; y: number }): void;
  /** The server is in trouble, or away. */
  onTrouble(): void;
}

const TOUCH_PX = 8;
const CLOSE_UP = 14;

/** The map of all layers: draws them, finds what is under the pointer, moves the view. */
export class OperationsMap {
  readonly #map: PacedMap;
  readonly #config: MapConfig;
  readonly #events: MapEvents;
  readonly #padding: () => PaddingOptions;
  /** Layers of which tiles have failed since they were last taken anew. */
  readonly #failed = new Set<string>();
  readonly #current: Current;
  readonly #style: StyleSpecification;
  /** Whether a click opens what is under it; a tool that draws says no. */
  picks = true;
  #hovering = 0;
  #styled = false;

  /**
   * @param padding what covers the map's edges at this moment, in pixels.
   * @throws when the browser cannot draw (no WebGL 2).
   */
  constructor(
    container: HTMLElement,
    config: MapConfig,
    styles: Styles,
    events: MapEvents,
    padding: () => PaddingOptions,
  ) {
    this.#config = config;
    this.#events = events;
    this.#padding = padding;
    const [west, south, east, north] = config.province.bbox;
    const reach = 1.5;
    const style = withOwnLetters(withSelection(compose(config, styles, location.origin)));
    this.#style = style;
    this.#map = new PacedMap({
      container,
      style: inTheme(style),
      ...(readView(location.hash) ?? {
        bounds: config.province.bbox as LngLatBoundsLike,
        fitBoundsOptions: { padding: padding() },
      }),
      maxBounds: [west - reach, south - reach, east + reach, north + reach],
      minZoom: 5,
      maxZoom: 19,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 120,
      refreshExpiredTiles: false,
    });
    this.#current = new Current(this.#map, styles);
    keepView(this.#map);
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#map.addControl(new ScaleControl({ maxWidth: 110, unit: "metric" }), "bottom-left");
    if (config.basemap) this.#map.addControl(new AttributionControl({ compact: true }));
    for (const { id } of config.layers)
      if (id + NAMES in style.sources) new AreaNames(this.#map, id);
    keepInTheme(this.#map, style);
    this.#listen();
  }

  #listen(): void {
    this.#map.once("style.load", () => {
      this.#styled = true;
    });
    this.#map.on("click", (event) => {
      if (this.picks) this.#pick(event);
    });
    this.#map.on("mousemove", (event) => {
      cancelAnimationFrame(this.#hovering);
      if (!this.picks) return;
      // A map that is dragged is not pointed at, and to look each time would cost it its frames.
      if (event.originalEvent.buttons !== 0) this.#events.onHover(null, event.point);
      else this.#hovering = requestAnimationFrame(() => this.#hover(event));
    });
    this.#map.on("mouseout", () => {
      cancelAnimationFrame(this.#hovering);
      this.#events.onHover(null, { x: 0, y: 0 });
    });
    this.#map.on("error", (event) => {
      const { error, sourceId } = event as typeof event & { sourceId?: string };
      if (sourceId !== undefined) this.#failed.add(sourceId);
      const { status, message } = error as { status?: number; message?: string };
      // A server in trouble, or no answer at all; not a tile that is missing.
      if (status ? status >= 500 : /fetch|network/i.test(message ?? "")) this.#events.onTrouble();
    });
    // For tests and pictures: whether all that is in view has been drawn.
    this.#map.on("idle", () => {
      if (this.#map.isFine) this.#map.getContainer().setAttribute("data-idle", "");
    });
    this.#map.on("dataloading", () => this.#map.getContainer().removeAttribute("data-idle"));
    this.#map.on("movestart", () => this.#map.getContainer().removeAttribute("data-idle"));
  }

  /** Names the map for a screen reader. */
  setLabel(label: string): void {
    this.#map.getCanvas().setAttribute("aria-label", label);
  }

  /** Turns a layer on or off. Sea and land stay. */
  setVisible(layer: string, visible: boolean): void {
    for (const part of this.#map.getStyle().layers)
      if (ownerOf(part.id) === layer && !isGround(part))
        this.#map.setLayoutProperty(part.id, "visibility", visible ? "visible" : "none");
  }

  /** Whether to draw what is over in a layer whose features come to an end. */
  showOver(layer: string, over: boolean): void {
    this.#current.showOver(layer, over);
  }

  /** Draws a layer with a share of the opacity its style gives it. Sea and land stay. */
  setOpacity(layer: string, share: number): void {
    for (const part of this.#style.layers)
      if (ownerOf(part.id) === layer && !isGround(part))
        for (const [name, value] of fadedPaint(part, share))
          this.#map.setPaintProperty(part.id, name as never, value as never);
  }

  /** The position in the middle of what nothing covers, in pixels of the map. */
  middle(): { x: number; y: number } {
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const { left = 0, right = 0, top = 0, bottom = 0 } = this.#padding();
    return { x: (clientWidth + left - right) / 2, y: (clientHeight + top - bottom) / 2 };
  }

  /** Takes a layer's tiles from another address: the same layer under another query. */
  setTiles(layer: string, tiles: string): void {
    this.whenReady(() => {
      const source = this.#map.getSource<VectorTileSource>(layer);
      if (!source) return;
      this.#heal(layer, source);
      source.setTiles([location.origin + tiles]);
    });
  }

  /** Asks again for a layer's tiles that are in view; those that are shown stay until then. */
  refresh(layer: string): void {
    this.whenReady(() => {
      const source = this.#map.getSource<VectorTileSource>(layer);
      if (!source) return;
      if (!this.#heal(layer, source)) this.#map.refreshTiles(layer);
    });
  }

  /**
   * Begins to load tiles that failed. Named one by one they are asked for anew; the library's way
   * for all tiles of a source would have them wait for an answer to no request. False: none had.
   */
  #heal(layer: string, { tileSize, minzoom, maxzoom }: VectorTileSource): boolean {
    if (!this.#failed.delete(layer)) return false;
    const inView = this.#map.coveringTiles({ tileSize, minzoom, maxzoom });
    this.#map.refreshTiles(
      layer,
      inView.map(({ canonical }) => canonical),
    );
    return true;
  }

  /** Calls back once, when all that is in view has been drawn, or the view is moved before that. */
  onceDrawn(action: () => void): void {
    const once = (): void => {
      this.#map.off("idle", once);
      this.#map.off("movestart", once);
      action();
    };
    this.#map.on("idle", once);
    this.#map.on("movestart", once);
  }

  /** The drawing library's own map, for tools that draw on it or listen to it. */
  get drawn(): MapLibre {
    return this.#map;
  }

  /** The style as it is drawn now, in the colours for paper. */
  onPaper(): StyleSpecification {
    return onPaper(this.#map.getStyle(), this.#style);
  }

  /** Calls back once, when the style is there to be changed. */
  whenReady(action: () => void): void {
    // Not isStyleLoaded(), which is also false while tiles are on their way.
    if (this.#styled) action();
    else this.#map.once("style.load", action);
  }

  select(geometry: GeoJSON.Geometry | null): void {
    this.whenReady(() => showSelection(this.#map, geometry));
  }

  /** Where the middle of what nothing covers lies, and how far the view reaches, in degrees. */
  around(): { center: [number, number]; width: number } {
    const { x, y } = this.middle();
    const center = this.#map.unproject([x, y]);
    const bounds = this.#map.getBounds();
    return { center: [center.lng, center.lat], width: bounds.getEast() - bounds.getWest() };
  }

  zoomBy(steps: number): void {
    this.#map.easeTo({ zoom: this.#map.getZoom() + steps, duration: 250 });
  }

  showProvince(): void {
    this.showBox(this.#config.province.bbox);
  }

  showBox(box: Box): void {
    this.#map.fitBounds(box as LngLatBoundsLike, {
      padding: this.#padding(),
      maxZoom: CLOSE_UP,
      duration: 700,
    });
  }

  /** Moves so that a position is in the part of the map that nothing covers. */
  showPoint(center: [number, number], zoom = CLOSE_UP): void {
    const { left = 0, right = 0, top = 0, bottom = 0 } = this.#padding();
    this.#map.easeTo({
      center,
      zoom: Math.max(this.#map.getZoom(), zoom),
      offset: [(left - right) / 2, (top - bottom) / 2],
      duration: 700,
    });
  }

  /** Moves only if the position is hidden or outside the view. */
  revealPoint(center: [number, number]): void {
    const { x, y } = this.#map.project(center);
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const { left = 0, right = 0, top = 0, bottom = 0 } = this.#padding();
    const seen = x > left && x < clientWidth - right && y > top && y < clientHeight - bottom;
    if (!seen) this.showPoint(center, this.#map.getZoom());
  }

  #found(event: MapMouseEvent): MapGeoJSONFeature[] {
    const { x, y } = event.point;
    const box: [PointLike, PointLike] = [
      [x - TOUCH_PX, y - TOUCH_PX],
      [x + TOUCH_PX, y + TOUCH_PX],
    ];
    const known = (one: MapGeoJSONFeature): boolean => ownerOf(one.layer.id) !== "";
    const flat = (one: MapGeoJSONFeature): boolean => !one.geometry.type.endsWith("Point");
    const near = this.#map.queryRenderedFeatures(box).filter((one) => known(one) && !flat(one));
    if (near.length > 0) return near;
    // Of areas within areas, the last drawn is the smallest.
    return this.#map
      .queryRenderedFeatures(event.point)
      .filter((one) => known(one) && flat(one) && one.layer.type === "fill" && !isGround(one.layer))
      .slice(0, 1);
  }

  #hits(found: MapGeoJSONFeature[]): Hit[] {
    const hits = new Map<string, Hit>();
    for (const one of found) {
      const layer = this.#config.layers.find(({ id }) => id === ownerOf(one.layer.id));
      const id = one.properties.id ?? one.id;
      if (!layer || id === undefined) continue;
      const title = String(one.properties[layer.titleColumn] ?? id);
      hits.set(`${layer.id}/${id}`, { layer, id: String(id), title });
    }
    return [...hits.values()];
  }

  #pick(event: MapMouseEvent): void {
    const found = this.#found(event);
    const hits = this.#hits(found);
    const cluster = found.find((one) => one.properties.n !== undefined);
    if (hits.length === 0 && cluster) {
      this.#map.easeTo({ center: event.lngLat, zoom: this.#map.getZoom() + 2, duration: 500 });
      return;
    }
    this.#events.onPick(hits);
  }

  #hover(event: MapMouseEvent): void {
    const found = this.#found(event);
    const [hit] = this.#hits(found.filter((one) => one.layer.type !== "fill"));
    const clickable = found.length > 0 && (hit !== undefined || found[0]?.layer.type !== "fill");
    this.#map.getCanvas().style.cursor = clickable ? "pointer" : "";
    this.#events.onHover(hit ?? null, event.point);
  }
}
