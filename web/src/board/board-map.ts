import type {
  GeoJSONSource,
  LayerSpecification,
  LngLatBoundsLike,
  StyleSpecification,
} from "maplibre-gl";
import type { Box, MapConfig } from "../config";
import { h } from "../dom";
import { fetchJson } from "../http";
import { pick } from "../locale";
import { compose, legendOf, NAMES, type Styles } from "../map/compose";
import { Current } from "../map/current";
import { lettersCome, withOwnLetters } from "../map/letters";
import { MapLibre, ScaleControl } from "../map/library";
import { AreaNames } from "../map/names";
import { inTheme, keepInTheme } from "../map/night";
import { redraw } from "../map/redraw";
import { showSelection, withSelection } from "../map/selection";
import { legendPicture, Sprite } from "../map/sprite";
import { AreaDrawing, withDrawing } from "./area";
import type { SosRequest, Team } from "./model";

/** Layers that are drawn from tiles; the rest is drawn from what the live feed keeps in step. */
const TILED: ReadonlySet<string> = new Set(["alerts", "admin_units"]);
const LIVE = ["rescue_teams", "sos_requests"] as const;
const SPRITE = "/ogc/sprites/sprite";
const CLOSE_UP = 13;
const TOUCH_PX = 10;

/** The map beside the list: the requests of the list, the teams, the alerts. */
export class BoardMap {
  readonly #map: MapLibre;
  readonly #config: MapConfig;
  readonly #styles: Styles;
  readonly drawing: AreaDrawing;
  #ready = false;
  #waiting: (() => void)[] = [];

  private constructor(
    container: HTMLElement,
    config: MapConfig,
    styles: Styles,
    style: StyleSpecification,
  ) {
    this.#config = config;
    this.#styles = styles;
    const [west, south, east, north] = config.province.bbox;
    this.#map = new MapLibre({
      container,
      style: inTheme(style),
      bounds: config.province.bbox as LngLatBoundsLike,
      fitBoundsOptions: { padding: 24 },
      maxBounds: [west - 1.5, south - 1.5, east + 1.5, north + 1.5],
      minZoom: 5,
      maxZoom: 19,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
    });
    keepInTheme(this.#map, style);
    new Current(this.#map, styles);
    this.drawing = new AreaDrawing(this.#map);
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#map.addControl(new ScaleControl({ maxWidth: 110, unit: "metric" }), "bottom-left");
    for (const id of TILED) if (id + NAMES in style.sources) new AreaNames(this.#map, id);
    // Without a listener the library writes to the console; a tile that fails is not drawn.
    this.#map.on("error", () => undefined);
    this.#map.on("idle", () => container.setAttribute("data-idle", ""));
    this.#map.on("dataloading", () => container.removeAttribute("data-idle"));
    this.#map.once("style.load", () => {
      this.#ready = true;
      for (const action of this.#waiting) action();
      this.#waiting = [];
    });
  }

  /**
   * Makes the map.
   *
   * @param pick is called with the request that was clicked on.
   * @throws when the browser cannot draw (no WebGL 2), or no style can be had.
   */
  static async make(
    container: HTMLElement,
    config: MapConfig,
    pick: (id: string) => void,
  ): Promise<BoardMap> {
    const styled = config.layers.filter(({ id, style }) => style && isDrawn(id));
    await lettersCome();
    const styles = new Map(
      await Promise.all(
        styled.map(
          async ({ id, style }) =>
            [id, await fetchJson<StyleSpecification>(`${style}?f=mapbox`)] as const,
        ),
      ),
    );
    const tiled = { ...config, layers: config.layers.filter(({ id }) => TILED.has(id)) };
    const style = compose(tiled, styles, location.origin);
    for (const id of LIVE) {
      style.sources[id] = { type: "geojson", data: collection([]) };
      style.layers.push(...singles(styles.get(id), id));
    }
    const map = new BoardMap(
      container,
      config,
      styles,
      withOwnLetters(withDrawing(withSelection(style))),
    );
    map.#map.on("click", ({ point: { x, y }, lngLat }) => {
      if (map.drawing.click([lngLat.lng, lngLat.lat])) return;
      const [hit] = map.#map.queryRenderedFeatures(
        [
          [x - TOUCH_PX, y - TOUCH_PX],
          [x + TOUCH_PX, y + TOUCH_PX],
        ],
        { layers: ["sos_requests"] },
      );
      if (hit) pick(String(hit.properties.id));
    });
    map.#map.on("mouseenter", "sos_requests", () => {
      map.#map.getCanvas().style.cursor = "pointer";
    });
    map.#map.on("mouseleave", "sos_requests", () => {
      map.#map.getCanvas().style.cursor = "";
    });
    return map;
  }

  /** What the symbols mean, layer by layer; circles of clusters are not drawn here. */
  async legend(): Promise<HTMLElement> {
    const sprite = await Sprite.load(SPRITE).catch(() => null);
    const shown = this.#config.layers.filter(({ id }) => isDrawn(id) && id !== "admin_units");
    const lines = shown.flatMap(({ id, title }) => {
      const entries = legendOf(this.#styles.get(id)).filter(
        ({ icon }) => icon !== undefined || TILED.has(id),
      );
      return [
        h("b", {}, pick(title)),
        ...entries.map((entry) =>
          h("span", {}, legendPicture(entry, sprite, 0.75), pick(entry.label)),
        ),
      ];
    });
    return h("div", {}, ...lines);
  }

  setLabel(label: string): void {
    this.#map.getCanvas().setAttribute("aria-label", label);
  }

  showRequests(requests: readonly SosRequest[]): void {
    const features = requests.map(({ id, code, priority, state, position }) =>
      feature(position, { id, code, priority, state }),
    );
    this.#set("sos_requests", features);
  }

  showTeams(teams: Iterable<Team>): void {
    const features = [...teams].map(({ id, name, state, position }) =>
      feature(position, { id, name, state }),
    );
    this.#set("rescue_teams", features);
  }

  /** Draws the alerts anew, from the tiles of another version of their layer. */
  showAlerts(version: number): void {
    this.#whenReady(() => redraw(this.#map, this.#config, "alerts", version));
  }

  select(position: [number, number] | null): void {
    const geometry = position && ({ type: "Point", coordinates: position } as const);
    this.#whenReady(() => showSelection(this.#map, geometry));
  }

  /** Moves to a position, and closer if the view is of the whole province. */
  goTo(center: [number, number]): void {
    this.#map.easeTo({ center, zoom: Math.max(this.#map.getZoom(), CLOSE_UP), duration: 600 });
  }

  /** Moves only if the position is out of view. */
  reveal(position: [number, number]): void {
    if (!this.#map.getBounds().contains(position))
      this.#map.easeTo({ center: position, duration: 400 });
  }

  zoomBy(steps: number): void {
    this.#map.easeTo({ zoom: this.#map.getZoom() + steps, duration: 250 });
  }

  showProvince(): void {
    this.showBox(this.#config.province.bbox);
  }

  showBox(box: Box): void {
    this.#map.fitBounds(box as LngLatBoundsLike, { padding: 24, duration: 600 });
  }

  /** Takes up the size of its place, after that was hidden. */
  resize(): void {
    this.#map.resize();
  }

  #set(source: string, features: GeoJSON.Feature[]): void {
    this.#whenReady(() =>
      this.#map.getSource<GeoJSONSource>(source)?.setData(collection(features)),
    );
  }

  #whenReady(action: () => void): void {
    if (this.#ready) action();
    else this.#waiting.push(action);
  }
}

function isDrawn(id: string): boolean {
  return TILED.has(id) || (LIVE as readonly string[]).includes(id);
}

/** The parts of a layer's style that draw single features, over a source of features. */
function singles(style: StyleSpecification | undefined, id: string): LayerSpecification[] {
  return (style?.layers ?? []).flatMap((layer) => {
    if (!("source-layer" in layer) || JSON.stringify(layer.filter) !== '["!",["has","n"]]')
      return [];
    const { "source-layer": _, filter: __, ...rest } = layer;
    return [{ ...rest, source: id } as LayerSpecification];
  });
}

function collection(features: GeoJSON.Feature[]): GeoJSON.FeatureCollection {
  return { type: "FeatureCollection", features };
}

function feature(
  coordinates: [number, number],
  properties: Record<string, string | number>,
): GeoJSON.Feature {
  return { type: "Feature", geometry: { type: "Point", coordinates }, properties };
}
