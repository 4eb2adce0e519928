import type { Counts, LayerConfig } from "../config";
import { h } from "../dom";
import { formatNumber } from "../format";
import { fetchJson } from "../http";
import { t } from "../language";
import type { LayerQueries } from "../map/queries";

const PAUSE_MS = 300;

/** How many features each layer has, and how many of them its query leaves. */
export class LayerCounts {
  readonly #queries: LayerQueries;
  readonly #matched = new Map<string, number | "failed">();
  readonly #shown = new Map<string, { layer: LayerConfig; element: HTMLElement }>();
  readonly #waiting = new Map<string, { timer: number; running: AbortController }>();

  constructor(layers: readonly LayerConfig[], queries: LayerQueries) {
    this.#queries = queries;
    for (const layer of layers) this.#ask(layer);
    queries.onChange((id) => {
      const layer = layers.find((one) => one.id === id);
      if (layer) this.#ask(layer);
    });
  }

  /** A layer's count for the list, kept true from now on; null where it is not known. */
  element(layer: LayerConfig): HTMLElement | null {
    if (layer.count === null) return null;
    const element = h("span", { class: "count" });
    this.#shown.set(layer.id, { layer, element });
    this.#fill(layer.id);
    return element;
  }

  /** Tells the numbers anew: layers have changed. */
  renew(): void {
    for (const { layer } of this.#shown.values()) {
      this.#fill(layer.id);
      if (this.#queries.parameters(layer.id).size > 0) this.#ask(layer);
    }
  }

  #ask(layer: LayerConfig): void {
    const before = this.#waiting.get(layer.id);
    clearTimeout(before?.timer);
    before?.running.abort();
    const parameters = this.#queries.parameters(layer.id);
    if (parameters.size === 0) {
      this.#matched.delete(layer.id);
      this.#fill(layer.id);
      return;
    }
    const running = new AbortController();
    const timer = window.setTimeout(async () => {
      try {
        const found = await fetchJson<Counts>(`${layer.counts}?${parameters}`, running.signal);
        this.#matched.set(layer.id, found.numberMatched);
      } catch {
        if (running.signal.aborted) return;
        this.#matched.set(layer.id, "failed");
      }
      this.#fill(layer.id);
    }, PAUSE_MS);
    this.#waiting.set(layer.id, { timer, running });
  }

  #fill(id: string): void {
    const shown = this.#shown.get(id);
    if (!shown) return;
    const all = formatNumber(shown.layer.count ?? 0);
    const matched = this.#matched.get(id);
    let [seen, said] = [all, t("count", { n: all })];
    if (matched === "failed") [seen, said] = [`? / ${all}`, t("countFailed", { all })];
    else if (matched !== undefined) {
      const n = formatNumber(matched);
      [seen, said] = [`${n} / ${all}`, t("countOf", { n, all })];
    }
    shown.element.classList.toggle("count-queried", matched !== undefined);
    shown.element.title = matched === undefined ? "" : said;
    shown.element.replaceChildren(
      h("span", { "aria-hidden": "true" }, seen),
      h("span", { class: "unseen" }, said),
    );
  }
}
