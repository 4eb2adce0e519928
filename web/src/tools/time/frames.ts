import type { Map as MapLibre } from "maplibre-gl";
import type { LayerConfig } from "../../config";
import { DEEPEST_TILES } from "../../map/compose";

const PATIENCE_MS = 6000;

/** Done when the map has loaded the tiles of these layers that are in view, or after six seconds. */
export function loaded(map: MapLibre, layers: readonly string[]): Promise<void> {
  const done = (): boolean =>
    layers.every((id) => map.getSource(id) === undefined || map.isSourceLoaded(id));
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      map.off("sourcedata", look);
      map.off("idle", end);
      resolve();
    };
    const look = (): void => {
      if (done()) end();
    };
    const timer = setTimeout(end, PATIENCE_MS);
    map.on("sourcedata", look);
    map.on("idle", end);
  });
}

/** The addresses of the tiles in view, of a layer's template with `{z}`, `{y}` and `{x}`. */
export function tilesInView(map: MapLibre, layer: LayerConfig, template: string): string[] {
  const options = {
    tileSize: 512,
    minzoom: layer.minZoom,
    maxzoom: Math.max(layer.minZoom, Math.min(layer.maxZoom, DEEPEST_TILES)),
  };
  return map
    .coveringTiles(options)
    .map(({ canonical: { z, x, y } }) =>
      template.replace("{z}", String(z)).replace("{x}", String(x)).replace("{y}", String(y)),
    );
}

/** Fetches tiles into the browser's cache, from where the map then takes them. */
export class Preloader {
  #running: AbortController | null = null;

  load(addresses: readonly string[]): void {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    // As the map's own worker asks, or the cache would not know it for the same.
    for (const address of addresses)
      void fetch(address, { signal: running.signal })
        .then((answer) => answer.arrayBuffer())
        .catch(() => undefined);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
  }
}
