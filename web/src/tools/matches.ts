import type { LayerConfig } from "../config";
import { fetchJson } from "../http";

/** The exact number of a layer's features that match these parameters of OGC API Features. */
export async function countMatches(
  layer: LayerConfig,
  parameters: URLSearchParams,
  signal: AbortSignal,
): Promise<number> {
  const asked = new URLSearchParams(parameters);
  asked.set("resultType", "hits");
  asked.set("f", "json");
  const answer = await fetchJson<{ numberMatched: number }>(`${layer.items}?${asked}`, signal);
  return answer.numberMatched;
}

/** The name of what a layer's time is: that of its column, or of both ends. */
export function timeColumns(layer: LayerConfig): LayerConfig["columns"] {
  const names = layer.time?.columns ?? [];
  return layer.columns.filter(({ name }) => names.includes(name));
}
