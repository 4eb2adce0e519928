import type { Marker } from "maplibre-gl";
import type { OperationsMap } from "../map/operations-map";
import { inserted, middles, moved, type Position, removed, type Vertex, vertices } from "./shapes";
import { tx } from "./texts";

/** Vertices beyond which a shape is not edited here. */
export const MOST_VERTICES = 150;
const STEP_PX = 8;
const FINE_PX = 1;
const ARROWS: Record<string, [number, number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/** The handles of a geometry on the map: dragged, or moved by the arrow keys. */
export class Handles {
  readonly #map: OperationsMap;
  readonly #changed: (geometry: GeoJSON.Geometry, done: boolean) => void;
  #geometry: GeoJSON.Geometry;
  #markers: Marker[] = [];
  #closed = false;

  /** @param changed called with the geometry while a handle moves, and `done` at the end. */
  constructor(
    map: OperationsMap,
    geometry: GeoJSON.Geometry,
    changed: (geometry: GeoJSON.Geometry, done: boolean) => void,
  ) {
    this.#map = map;
    this.#geometry = geometry;
    this.#changed = changed;
    this.show(geometry);
  }

  /** Whether a geometry can be edited by handles. */
  static can(geometry: GeoJSON.Geometry): boolean {
    const many = vertices(geometry).length;
    return many > 0 && many <= MOST_VERTICES;
  }

  /** Puts the handles of a geometry on the map, and the keyboard on one of them. */
  show(geometry: GeoJSON.Geometry, focus: number[] | null = null): void {
    this.#geometry = geometry;
    this.#clear();
    this.#map.select(geometry);
    void this.#draw(focus);
  }

  /** Takes the handles away. */
  close(): void {
    this.#closed = true;
    this.#clear();
  }

  #clear(): void {
    for (const marker of this.#markers) marker.remove();
    this.#markers = [];
  }

  async #draw(focus: number[] | null): Promise<void> {
    const { Marker } = await import("../map/library");
    if (this.#closed) return;
    this.#clear();
    const all = vertices(this.#geometry);
    for (const [index, vertex] of all.entries()) {
      const alone = this.#geometry.type === "Point";
      const name = alone ? tx("handle") : tx("vertexHandle", { n: index + 1, of: all.length });
      const element = handle(alone ? "handle-point" : "handle-vertex", name);
      this.#add(new Marker({ element, draggable: true }), vertex, element);
      if (focus && vertex.path.join() === focus.join()) element.focus({ preventScroll: true });
    }
    if (all.length < MOST_VERTICES)
      for (const middle of middles(this.#geometry)) this.#addMiddle(Marker, middle);
  }

  #add(marker: Marker, { path, at }: Vertex, element: HTMLElement): void {
    marker.setLngLat(at).addTo(this.#map.drawn);
    this.#markers.push(marker);
    const put = (to: Position): void => {
      this.#geometry = moved(this.#geometry, path, to);
      this.#map.select(this.#geometry);
    };
    marker.on("drag", () => {
      put(marker.getLngLat().toArray());
      this.#changed(this.#geometry, false);
    });
    marker.on("dragend", () => {
      this.show(this.#geometry, path);
      this.#changed(this.#geometry, true);
    });
    element.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (arrow) {
        const step = event.shiftKey ? FINE_PX : STEP_PX;
        const { x, y } = this.#map.drawn.project(marker.getLngLat());
        const to = this.#map.drawn.unproject([x + arrow[0] * step, y + arrow[1] * step]);
        marker.setLngLat(to);
        put(to.toArray());
        if (this.#geometry.type !== "Point") this.show(this.#geometry, path);
        this.#changed(this.#geometry, true);
      } else if (event.key === "Delete" || event.key === "Backspace") this.#remove(path);
      else return;
      // The map would move as well.
      event.preventDefault();
      event.stopPropagation();
    });
    element.addEventListener("dblclick", (event) => {
      event.stopPropagation();
      this.#remove(path);
    });
  }

  #addMiddle(Kind: typeof Marker, { path, at }: Vertex): void {
    const element = handle("handle-middle", tx("middleHandle"));
    const marker = new Kind({ element }).setLngLat(at).addTo(this.#map.drawn);
    this.#markers.push(marker);
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      this.show(inserted(this.#geometry, path, at), path);
      this.#changed(this.#geometry, true);
    });
  }

  #remove(path: number[]): void {
    const next = removed(this.#geometry, path);
    if (!next) return;
    const beside = [...path.slice(0, -1), Math.max(0, (path.at(-1) ?? 0) - 1)];
    this.show(next, beside);
    this.#changed(next, true);
  }
}

function handle(kind: string, name: string): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.className = `handle ${kind}`;
  element.setAttribute("aria-label", name);
  element.title = name;
  return element;
}
