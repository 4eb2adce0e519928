import type { Feature, LayerConfig, MapConfig } from "../config";
import { fetchJson } from "../http";

/** Columns that hold the code of an administrative unit. */
const REFERENCES: ReadonlySet<string> = new Set(["commune_code", "district_code", "parent_code"]);
const UNITS = "admin_units";
const MOST = 1000;

/** Whether a column holds the code of an administrative unit. */
export function isPlace(column: string): boolean {
  return REFERENCES.has(column);
}

/** The names of the administrative units, asked for once, when the first is needed. */
export class Places {
  /** The layer of the units; null where there is none. */
  readonly layer: LayerConfig | null;
  readonly #address: string | null;
  #names: Promise<ReadonlyMap<string, string>> | null = null;

  constructor(config: MapConfig) {
    this.layer = config.layers.find(({ id }) => id === UNITS) ?? null;
    this.#address = this.layer?.items ?? null;
  }

  /** The name of a unit if the column refers to one and the name is known; null otherwise. */
  async nameOf(column: string, code: unknown): Promise<string | null> {
    if (!isPlace(column) || typeof code !== "string" || this.#address === null) return null;
    this.#names ??= this.#load(this.#address);
    return (await this.#names).get(code) ?? null;
  }

  async #load(address: string): Promise<ReadonlyMap<string, string>> {
    try {
      const { features } = await fetchJson<{ features: Feature[] }>(
        `${address}?f=json&limit=${MOST}&skipGeometry=true&properties=name`,
      );
      return new Map(
        features.map(({ id, properties }) => [String(id), String(properties.name ?? id)]),
      );
    } catch {
      this.#names = null;
      return new Map();
    }
  }
}
