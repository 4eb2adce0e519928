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
