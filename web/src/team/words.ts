import type { MapConfig } from "../config";
import { keep, kept } from "../device-store";
import { fetchJson } from "../http";
import { type Bilingual, pick } from "../locale";
import type { Store } from "./store";

const WORDS = "words";
const FRESH_MS = 86_400_000;
const COMMUNES =
  "/ogc/collections/admin_units/items?f=json&level=commune&skipGeometry=true" +
  "&properties=name&limit=1000";
const COLUMNS = {
  sos_requests: ["category", "priority", "state"],
  rescue_teams: ["state"],
} as const;

interface Kept {
  codes: Record<string, Record<string, Bilingual>>;
  communes: Record<string, string>;
  hotline: string;
  synthetic: boolean;
  asked_at: number;
}

/** What codes and communes are called, and the hotline's number; kept for when there is no network. */
export class Words {
  readonly #kept: Kept;

  private constructor(found: Kept) {
    this.#kept = found;
  }

  /** As they were kept a day ago at most, else from the server, else as kept, else the bare codes. */
  static async load(store: Store): Promise<Words> {
    const known = await kept<Kept>(store, WORDS);
    if (known && (!navigator.onLine || Date.now() - known.asked_at < FRESH_MS))
      return new Words(known);
    try {
      const found = await asked();
      await keep(store, WORDS, found);
      return new Words(found);
    } catch {
      return new Words(
        known ?? { codes: {}, communes: {}, hotline: "", synthetic: false, asked_at: 0 },
      );
    }
  }

  get hotline(): string {
    return this.#kept.hotline;
  }

  /** Whether the data are a demonstration's. */
  get synthetic(): boolean {
    return this.#kept.synthetic;
  }

  /** The title of a code, such as `sos_requests.state`, `assigned`. */
  code(column: string, value: string): string {
    const title = this.#kept.codes[column]?.[value];
    return title ? pick(title) : value;
  }

  commune(code: string | null): string {
    return code === null ? "" : (this.#kept.communes[code] ?? code);
  }
}

async function asked(): Promise<Kept> {
  const [config, units, form] = await Promise.all([
    fetchJson<MapConfig>("/api/map"),
    fetchJson<{ features: { id: string; properties: { name: string } }[] }>(COMMUNES),
    fetchJson<{ hotline: string }>("/api/sos/form"),
  ]);
  const codes: Kept["codes"] = {};
  for (const [layer, columns] of Object.entries(COLUMNS))
    for (const column of columns) {
      const found = config.layers.find(({ id }) => id === layer);
      codes[`${layer}.${column}`] = found?.columns.find(({ name }) => name === column)?.codes ?? {};
    }
  return {
    codes,
    communes: Object.fromEntries(units.features.map((one) => [one.id, one.properties.name])),
    hotline: form.hotline,
    synthetic: config.synthetic,
    asked_at: Date.now(),
  };
}
