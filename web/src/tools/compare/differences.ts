import type { LayerConfig } from "../../config";
import { fetchJson } from "../../http";
import type { LayerQueries } from "../../map/queries";

/** How many features lie in each window. */
export interface Pair {
  a: number;
  b: number;
}

/** The numbers of one layer, together and by the code of the district. */
export interface LayerPair extends Pair {
  layer: LayerConfig;
  districts: Map<string, Pair>;
}

interface Counts {
  numberMatched: number;
  counts: { property: string; values: { value: unknown; count: number }[] }[];
}

const DISTRICT = "district_code";
const MOST_DISTRICTS = 1000;

/** Counts a layer's features in both windows, under its filter. */
export async function countBoth(
  layer: LayerConfig,
  queries: LayerQueries,
  windows: readonly [string, string],
  signal: AbortSignal,
): Promise<LayerPair> {
  const [a, b] = await Promise.all(
    windows.map((datetime) => {
      const parameters = queries.parameters(layer.id);
      parameters.set("datetime", datetime);
      if (layer.columns.some(({ name }) => name === DISTRICT)) {
        parameters.set("by", DISTRICT);
        parameters.set("limit", String(MOST_DISTRICTS));
      }
      return fetchJson<Counts>(`/ogc/collections/${layer.id}/counts?${parameters}`, signal);
    }),
  );
  return paired(layer, a as Counts, b as Counts);
}

/** The answers for both windows side by side; a district of one has 0 in the other. */
export function paired(layer: LayerConfig, a: Counts, b: Counts): LayerPair {
  const districts = new Map<string, Pair>();
  for (const [side, { counts }] of [["a", a] as const, ["b", b] as const])
    for (const { value, count } of counts[0]?.values ?? []) {
      const code = value === null ? "" : String(value);
      const pair = districts.get(code) ?? { a: 0, b: 0 };
      pair[side] += count;
      districts.set(code, pair);
    }
  return { layer, a: a.numberMatched, b: b.numberMatched, districts };
}

/** A difference with its sign, the minus as printers have it. */
export function signed({ a, b }: Pair, format: (n: number) => string): string {
  const difference = b - a;
  if (difference === 0) return "0";
  return difference > 0 ? `+${format(difference)}` : `−${format(-difference)}`;
}
