/** What of a layer the map shows: parameters of OGC API, which its tiles, counts and exports share. */
export interface LayerQuery {
  /** A CQL2 text; null for all features. */
  filter: string | null;
  /** An instant or interval of OGC API Features; null for all times. */
  datetime: string | null;
}

const ALL: LayerQuery = { filter: null, datetime: null };

/** The queries of all layers: tools set them, the map and the lists follow. */
export class LayerQueries {
  readonly #queries = new Map<string, LayerQuery>();
  readonly #listeners = new Set<(layer: string) => void>();

  get(layer: string): LayerQuery {
    return this.#queries.get(layer) ?? ALL;
  }

  /** Changes a part of a layer's query; whoever listens is told if that changed anything. */
  set(layer: string, change: Partial<LayerQuery>): void {
    const before = this.get(layer);
    const after = { ...before, ...change };
    if (after.filter === before.filter && after.datetime === before.datetime) return;
    this.#queries.set(layer, after);
    for (const listener of this.#listeners) listener(layer);
  }

  /** Calls back after each change, until the function that this returns is called. */
  onChange(listener: (layer: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The layer's query as URL parameters, with others beside it. */
  parameters(layer: string, others: Record<string, string> = {}): URLSearchParams {
    const parameters = new URLSearchParams(others);
    for (const [name, value] of Object.entries(this.get(layer)))
      if (value !== null) parameters.set(name, value);
    return parameters;
  }
}

/** A tile address (with its `{z}` and the like) asking for what a query says. */
export function queriedTiles(tiles: string, parameters: URLSearchParams): string {
  const query = parameters.toString();
  return query === "" ? tiles : `${tiles}${tiles.includes("?") ? "&" : "?"}${query}`;
}
