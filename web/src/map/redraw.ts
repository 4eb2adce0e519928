import type { Map as MapLibre, VectorTileSource } from "maplibre-gl";
import type { MapConfig } from "../config";

/** Draws a layer anew, from the tiles of another version of it. */
export function redraw(map: MapLibre, config: MapConfig, id: string, version: number): void {
  const layer = config.layers.find((one) => one.id === id);
  if (!layer) return;
  const address = layer.tiles.replace(/v=\d+$/, `v=${version}`);
  map.getSource<VectorTileSource>(id)?.setTiles([location.origin + address]);
}
