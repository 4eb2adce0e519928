import { readHash } from "../address";
import type { LayerConfig, MapConfig, SearchResult } from "../config";
import { boxOf } from "../map/box";
import type { Hit, OperationsMap } from "../map/operations-map";
import type { FeatureCard } from "./feature-card";

/** What belongs to the page around an open feature. */
interface Around {
  config: MapConfig;
  card: FeatureCard;
  /** Null before it is drawn, and where there can be none. */
  map: () => OperationsMap | null;
  /** Has a layer be on. */
  show: (layer: LayerConfig) => void;
  /** Another feature is open, or none. */
  changed: () => void;
}

/** The feature that is open: on the card, on the map and in the address. */
export class OpenFeature {
  now: { layer: string; id: string } | null = null;
  readonly #around: Around;
  /** What to do with the view when a feature opens: a link that has a view of its own keeps it. */
  #view: "reveal" | "keep" | "zoom" = "reveal";

  constructor(around: Around) {
    this.#around = around;
  }

  /** Opens the feature that the address names. */
  follow(view: "keep" | "zoom"): void {
    const { feature } = readHash(location.hash);
    if (!feature) return;
    if (feature.layer === this.now?.layer && feature.id === this.now.id) return;
    const layer = this.#layer(feature.layer);
    if (!layer) return;
    this.#view = view;
    if (!layer.shown) this.#around.show(layer);
    this.#around.card.open({ layer, id: feature.id, title: feature.id });
  }

  /** Opens what a search has found. */
  found(result: SearchResult): void {
    const layer = this.#layer(result.layer);
    if (!layer) return;
    const hit: Hit = { layer, id: String(result.id), title: result.title };
    this.#around.show(layer);
    this.#around.card.pick([hit]);
    const map = this.#around.map();
    const box = result.bbox;
    if (box && (box[0] !== box[2] || box[1] !== box[3])) map?.showBox(box);
    else map?.showPoint(result.center);
  }

  /** The card shows a feature, or with null none any more. */
  shown(feature: { layer: string; id: string } | null, geometry: GeoJSON.Geometry | null): void {
    this.now = feature;
    const map = this.#around.map();
    map?.select(geometry);
    if (geometry) {
      if (this.#view === "zoom") this.zoomTo(geometry);
      else if (this.#view === "reveal" && geometry.type === "Point")
        map?.revealPoint([geometry.coordinates[0] ?? 0, geometry.coordinates[1] ?? 0]);
      this.#view = "reveal";
    }
    this.#around.changed();
  }

  /** Brings a feature into the middle of the map. */
  zoomTo(geometry: GeoJSON.Geometry): void {
    const box = boxOf(geometry);
    if (!box) return;
    const map = this.#around.map();
    if (box[0] === box[2] && box[1] === box[3]) map?.showPoint([box[0], box[1]], 15);
    else map?.showBox(box);
  }

  #layer(name: string): LayerConfig | undefined {
    return this.#around.config.layers.find(({ id }) => id === name);
  }
}
