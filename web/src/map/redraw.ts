import type { Map as MapLibre, VectorTileSource } from "maplibre-gl";
import type { MapConfig } from "../config";

const VERSION = /([?&]v=)\d+/;

/** Draws a layer anew from the tiles of another version of it, under whatever query it is shown. */
export function redraw(map: MapLibre, config: MapConfig, id: string, version: number): void {
  const newer = (address: string): string => address.replace(VERSION, `$1${version}`);
  const layer = config.layers.find((one) => one.id === id);
  if (layer) layer.tiles = newer(layer.tiles);
  const source = map.getSource<VectorTileSource>(id);
  source?.setTiles(source.tiles.map(newer));
}
