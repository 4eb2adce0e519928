import { fetchJson } from "../../http";
import type { Bilingual } from "../../language";

/** The properties of an area of a result, by the names that all processes share. */
export type Properties = Record<string, unknown>;

/** A result as its process gives it. */
export interface Result extends GeoJSON.FeatureCollection<GeoJSON.Geometry, Properties> {
  summary: Record<string, unknown>;
  provenance: Provenance;
}

export interface Provenance {
  process: string;
  version: string;
  inputs: Record<string, unknown>;
  layer_version: number;
}

/** A kept result, as `/api/results` tells of it; `kept_by` only to colleagues. */
export interface Kept extends Provenance {
  id: string;
  title: string;
  process_title: Bilingual | null;
  layer: string;
  collection: string | null;
  audience: string;
  summary: Record<string, unknown>;
  computed_at: string;
  kept_at: string;
  kept_by?: string;
  expires: string;
  features: string;
}

/** What is known of where an area's numbers come from. */
export type Source = Provenance & Partial<Kept>;

const read = new Map<string, Promise<Kept>>();

/** How a kept result was made. It never changes, so it is asked for once. */
export function keptResult(id: string): Promise<Kept> {
  const known = read.get(id);
  if (known) return known;
  const asked = fetchJson<Kept>(`/api/results/${encodeURIComponent(id)}`);
  read.set(id, asked);
  asked.catch(() => read.delete(id));
  return asked;
}

/** A list of numbers (or nulls) of a property: an array, or, from a layer, its JSON. */
export function listOf(value: unknown): (number | null)[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== "string") return [];
  try {
    const found: unknown = JSON.parse(value);
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}
