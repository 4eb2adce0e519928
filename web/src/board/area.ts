import type { GeoJSONSource, StyleSpecification } from "maplibre-gl";
import { button, h } from "../dom";
import type { MapLibre } from "../map/library";
import { areaOf, type Position } from "./alert-model";
import { t } from "./words";

const SOURCE = "drawing";
const INK = "#8c1d40";

/** Adds what shows the area that is being drawn. */
export function withDrawing(style: StyleSpecification): StyleSpecification {
  return {
    ...style,
    sources: { ...style.sources, [SOURCE]: { type: "geojson", data: shape([]) } },
    layers: [
      ...style.layers,
      {
        id: "drawing-area",
        type: "fill",
        source: SOURCE,
        filter: ["==", ["geometry-type"], "Polygon"],
        paint: { "fill-color": INK, "fill-opacity": 0.2 },
      },
      {
        id: "drawing-line",
        type: "line",
        source: SOURCE,
        paint: { "line-color": INK, "line-width": 3 },
      },
      {
        id: "drawing-corner",
        type: "circle",
        source: SOURCE,
        filter: ["==", ["geometry-type"], "Point"],
        paint: {
          "circle-radius": 6,
          "circle-color": "#ffffff",
          "circle-stroke-color": INK,
          "circle-stroke-width": 3,
        },
      },
    ],
  };
}

function shape(corners: readonly Position[]): GeoJSON.FeatureCollection {
  const one = (geometry: GeoJSON.Geometry): GeoJSON.Feature => ({
    type: "Feature",
    properties: {},
    geometry,
  });
  const area = areaOf(corners);
  const features = corners.map((coordinates) => one({ type: "Point", coordinates }));
  if (area) features.unshift(one({ type: "Polygon", coordinates: area.coordinates[0] ?? [] }));
  else if (corners.length === 2)
    features.unshift(one({ type: "LineString", coordinates: [...corners] }));
  return { type: "FeatureCollection", features };
}

/**
 * Drawing an area on a map: a click or a touch puts a corner there; the keyboard moves the map with
 * its arrows, and Enter puts one under the cross in its middle.
 */
export class AreaDrawing {
  readonly element = h("div", { class: "area-drawing", hidden: true });
  readonly #cross = h("div", { class: "area-cross", "aria-hidden": "true" });
  readonly #count = h("p", { role: "status" });
  readonly #map: MapLibre;
  #corners: Position[] = [];
  #changed: ((corners: readonly Position[]) => void) | null = null;
  #done: () => void = () => undefined;

  constructor(map: MapLibre) {
    this.#map = map;
    map.getCanvas().addEventListener("keydown", (event) => {
      if (!this.active) return;
      if (event.key === "Enter") this.#add(this.#middle());
      else if (event.key === "Backspace") this.#undo();
      else return;
      event.preventDefault();
    });
  }

  get active(): boolean {
    return this.#changed !== null;
  }

  /**
   * Begins to draw, from the corners that are there already.
   *
   * @param changed is told of the corners after each change.
   * @param done is called when the person says that the area is right.
   */
  begin(
    corners: readonly Position[],
    changed: (corners: readonly Position[]) => void,
    done: () => void,
  ): void {
    this.#corners = [...corners];
    this.#changed = changed;
    this.#done = done;
    this.element.hidden = false;
    this.#map.getContainer().append(this.#cross);
    this.translate();
    this.#map.getCanvas().focus({ preventScroll: true });
  }

  /** Writes what can be done, in the language in use. */
  translate(): void {
    if (!this.active) return;
    this.element.replaceChildren(
      h("p", {}, t("drawHint")),
      h("p", { class: "keys-only" }, t("drawKeys")),
      this.#count,
      h(
        "div",
        { class: "detail-buttons" },
        button({ class: "button" }, () => this.#add(this.#middle()), t("addMiddle")),
        button({ class: "button" }, () => this.#undo(), t("undoCorner")),
        button({ class: "button button-strong" }, () => this.#done(), t("drawDone")),
      ),
    );
    this.#show();
  }

  /** Ends drawing; the area stays on the map if it is to be kept. */
  end(keeps: boolean): void {
    this.#changed = null;
    this.element.hidden = true;
    this.#cross.remove();
    if (!keeps) this.#corners = [];
    this.#show();
  }

  /** Takes a click on the map; false if nothing is being drawn. */
  click(corner: Position): boolean {
    if (!this.active) return false;
    this.#add(corner);
    return true;
  }

  #middle(): Position {
    const { lng, lat } = this.#map.getCenter();
    return [lng, lat];
  }

  #add(corner: Position): void {
    this.#corners.push(corner);
    this.#show();
  }

  #undo(): void {
    this.#corners.pop();
    this.#show();
  }

  #show(): void {
    this.#count.textContent = t("corners", { n: this.#corners.length });
    this.#map.getSource<GeoJSONSource>(SOURCE)?.setData(shape(this.#corners));
    this.#changed?.(this.#corners);
  }
}
