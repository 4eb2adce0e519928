import type { Map as MapLibre } from "maplibre-gl";
import { composedId, type Styles } from "./compose";
import { ends, filterOf, narrowed } from "./ending";

const AGAIN_MS = 30_000;

/** Takes from the map what has come to an end while it is open, or draws that too, if asked. */
export class Current {
  readonly #map: MapLibre;
  readonly #styles: Styles;
  readonly #over = new Set<string>();

  constructor(map: MapLibre, styles: Styles) {
    this.#map = map;
    this.#styles = styles;
    window.setInterval(() => this.#apply(), AGAIN_MS);
  }

  /** Whether to draw what is over, too. */
  showOver(layer: string, over: boolean): void {
    if (over) this.#over.add(layer);
    else this.#over.delete(layer);
    this.#apply();
  }

  #apply(): void {
    const now = new Date();
    for (const [layer, style] of this.#styles) {
      if (!ends(style)) continue;
      for (const part of style.layers) {
        const id = composedId(layer, part.id);
        if (!this.#map.getLayer(id)) continue;
        const shown = this.#over.has(layer) ? part : narrowed(part, style, now);
        this.#map.setFilter(id, filterOf(shown) ?? null);
      }
    }
  }
}
