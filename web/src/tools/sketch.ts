import type { FilterSpecification, GeoJSONSource, MapMouseEvent } from "maplibre-gl";
import { h } from "../dom";
import type { OperationsMap } from "../map/operations-map";
import type { Position } from "./geodesic";
import "./sketch.css";

export interface SketchEvents {
  /** A position was pointed at, or the middle of the map was taken by keyboard. */
  onPoint(position: Position): void;
  /** The mouse moved while drawing. */
  onMove(position: Position): void;
  /** A double click, or Enter twice at the same place. */
  onFinish(): void;
  /** Backspace. */
  onUndo(): void;
}

const SOURCE = "sketch";
const LAYERS = ["sketch-fill", "sketch-casing", "sketch-line", "sketch-point"] as const;
/** Pixels within which two positions are the same to a finger. */
const NEAR_PX = 12;
/** Of a degree: about 0.1 m, as the address keeps them. */
const DECIMALS = 6;
const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

/** What a tool draws on the map, and the pointer and keys by which a person draws it. */
export class Sketch {
  readonly #map: OperationsMap;
  readonly #events: SketchEvents;
  readonly #cross = h("div", { class: "sketch-cross", hidden: true, "aria-hidden": "true" });
  #last: Position | null = null;
  #drawing = false;
  #closed = false;

  constructor(map: OperationsMap, events: SketchEvents) {
    this.#map = map;
    this.#events = events;
    map.whenReady(() => this.#add());
    const { drawn } = map;
    drawn.getContainer().append(this.#cross);
    drawn.on("click", this.#click);
    drawn.on("dblclick", this.#finish);
    drawn.on("mousemove", this.#move);
    drawn.on("resize", this.#place);
    drawn.getCanvas().addEventListener("keydown", this.#key);
  }

  /** Whether clicks set points; meanwhile they open no feature. */
  get drawing(): boolean {
    return this.#drawing;
  }

  set drawing(on: boolean) {
    this.#drawing = on;
    this.#last = null;
    const { drawn } = this.#map;
    this.#map.picks = !on;
    if (on) drawn.doubleClickZoom.disable();
    else drawn.doubleClickZoom.enable();
    drawn.getCanvas().style.cursor = on ? "crosshair" : "";
    this.#cross.hidden = !on;
    this.#place();
    // And once the panel has the size that it has while drawing.
    requestAnimationFrame(this.#place);
  }

  /** Shows these geometries and no others. */
  show(geometries: readonly GeoJSON.Geometry[]): void {
    const features = geometries.map((geometry) => ({
      type: "Feature" as const,
      properties: {},
      geometry,
    }));
    this.#map.whenReady(() => {
      const source = this.#map.drawn.getSource<GeoJSONSource>(SOURCE);
      source?.setData({ type: "FeatureCollection", features });
    });
    requestAnimationFrame(this.#place);
  }

  /** Sets a point in the middle of the map that can be seen. */
  takeMiddle(): void {
    const { x, y } = this.#map.middle();
    const { lng, lat } = this.#map.drawn.unproject([x, y]);
    const position: Position = [lng, lat];
    if (this.#last && this.isNear(this.#last, position, 2)) this.#events.onFinish();
    else this.#take(position);
  }

  /** Whether two positions lie so near to each other on the screen that they are the same. */
  isNear(one: Position, other: Position, pixels = NEAR_PX): boolean {
    const [a, b] = [one, other].map(([lng, lat]) => this.#map.drawn.project([lng, lat]));
    return a !== undefined && b !== undefined && a.dist(b) <= pixels;
  }

  /** Takes everything off the map again. */
  close(): void {
    this.#closed = true;
    this.drawing = false;
    const { drawn } = this.#map;
    drawn.off("click", this.#click);
    drawn.off("dblclick", this.#finish);
    drawn.off("mousemove", this.#move);
    drawn.off("resize", this.#place);
    drawn.getCanvas().removeEventListener("keydown", this.#key);
    this.#cross.remove();
    for (const id of LAYERS) if (drawn.getLayer(id)) drawn.removeLayer(id);
    if (drawn.getSource(SOURCE)) drawn.removeSource(SOURCE);
  }

  #add(): void {
    const { drawn } = this.#map;
    if (this.#closed || drawn.getSource(SOURCE)) return;
    const color = getComputedStyle(document.documentElement).getPropertyValue("--sketch").trim();
    drawn.addSource(SOURCE, { type: "geojson", data: EMPTY });
    const [fill, casing, line, point] = LAYERS;
    const notPoint: FilterSpecification = ["!=", ["geometry-type"], "Point"];
    drawn.addLayer({
      id: fill,
      type: "fill",
      source: SOURCE,
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": color, "fill-opacity": 0.12 },
    });
    drawn.addLayer({
      id: casing,
      type: "line",
      source: SOURCE,
      filter: notPoint,
      layout: { "line-join": "round", "line-cap": "round" },
      paint: { "line-color": "#ffffff", "line-width": 6, "line-opacity": 0.9 },
    });
    drawn.addLayer({
      id: line,
      type: "line",
      source: SOURCE,
      filter: notPoint,
      layout: { "line-join": "round", "line-cap": "round" },
      paint: { "line-color": color, "line-width": 3 },
    });
    drawn.addLayer({
      id: point,
      type: "circle",
      source: SOURCE,
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": 5,
        "circle-color": "#ffffff",
        "circle-stroke-color": color,
        "circle-stroke-width": 3,
      },
    });
  }

  #take([lng, lat]: Position): void {
    this.#last = [Number(lng.toFixed(DECIMALS)), Number(lat.toFixed(DECIMALS))];
    this.#events.onPoint(this.#last);
  }

  readonly #click = ({ lngLat: { lng, lat } }: MapMouseEvent): void => {
    if (!this.#drawing) return;
    // The second click of a double click.
    if (this.#last && this.isNear(this.#last, [lng, lat], 4)) return;
    this.#take([lng, lat]);
  };

  readonly #finish = (): void => {
    if (this.#drawing) this.#events.onFinish();
  };

  readonly #move = ({ lngLat: { lng, lat } }: MapMouseEvent): void => {
    if (this.#drawing) this.#events.onMove([lng, lat]);
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (!this.#drawing) return;
    if (event.key === "Enter") this.takeMiddle();
    else if (event.key === "Backspace") this.#events.onUndo();
    else return;
    event.preventDefault();
  };

  readonly #place = (): void => {
    const { x, y } = this.#map.middle();
    this.#cross.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  };
}
