import { readHash } from "../address";
import type { LayerConfig } from "../config";
import { keepOpacities, readOpacities } from "./kept";
import type { OperationsMap } from "./operations-map";
import { type LayerQueries, queriedTiles } from "./queries";

/** Which layers the map shows and how, before there is a map and after. */
export class ShownLayers {
  /** The layers that are off until somebody asks for them. */
  readonly usual: string[];
  readonly off: Set<string>;
  /** The layers of which what is over is shown, too. */
  readonly over = new Set<string>();
  /** How strongly layers are drawn, in percent. */
  readonly opacities: Map<string, number>;
  readonly #layers: readonly LayerConfig[];
  readonly #queries: LayerQueries;
  readonly #changed: () => void;
  #map: OperationsMap | null = null;

  /** @param changed is told when a layer goes on or off. */
  constructor(layers: readonly LayerConfig[], queries: LayerQueries, changed: () => void) {
    this.#layers = layers;
    this.#queries = queries;
    this.#changed = changed;
    this.usual = layers.filter(({ shown }) => !shown).map(({ id }) => id);
    const { off } = readHash(location.hash, this.usual);
    this.off = new Set(off.filter((id) => layers.some((one) => one.id === id)));
    this.opacities = readOpacities(location.hash, layers);
  }

  /** Has a map show them, now and after each change. */
  attach(map: OperationsMap): void {
    this.#map = map;
    map.whenReady(() => {
      for (const layer of this.off) map.setVisible(layer, false);
      for (const [layer, percent] of this.opacities) map.setOpacity(layer, percent / 100);
    });
    const query = ({ id, tiles }: LayerConfig): void =>
      map.setTiles(id, queriedTiles(tiles, this.#queries.parameters(id)));
    for (const layer of this.#layers) if (this.#queries.parameters(layer.id).size > 0) query(layer);
    this.#queries.onChange((id) => {
      this.#narrow(id);
      const layer = this.#layers.find((one) => one.id === id);
      if (layer) query(layer);
    });
  }

  /** Puts a layer on or off. */
  toggle(layer: string, on: boolean): void {
    if (on) this.off.delete(layer);
    else this.off.add(layer);
    this.#map?.whenReady(() => this.#map?.setVisible(layer, on));
    this.#changed();
  }

  /** Shows what is over of a layer, or hides it. */
  showOver(layer: string, on: boolean): void {
    if (on) this.over.add(layer);
    else this.over.delete(layer);
    this.#narrow(layer);
  }

  /** Draws what is over if that was asked for, or if another time than now is looked at. */
  #narrow(layer: string): void {
    const { filter, datetime } = this.#queries.get(layer);
    const chosen = filter !== null && /\bresult\b/.test(filter);
    const over = this.over.has(layer) || datetime !== null || chosen;
    this.#map?.whenReady(() => this.#map?.showOver(layer, over));
  }

  /** Draws a layer fainter. */
  fade(layer: string, percent: number): void {
    if (percent < 100) this.opacities.set(layer, percent);
    else this.opacities.delete(layer);
    this.#map?.whenReady(() => this.#map?.setOpacity(layer, percent / 100));
    keepOpacities(this.opacities);
  }
}
