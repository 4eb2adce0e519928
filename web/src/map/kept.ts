import { readField, writeField } from "../address";
import type { LayerConfig } from "../config";
import type { LayerQueries } from "./queries";

const OPACITY = "opacity";

/** Puts a field into the part of the address after `#`, or with null takes it out. */
export function keepField(name: string, value: string | null): void {
  const hash = writeField(location.hash, name, value);
  history.replaceState(history.state, "", hash || location.pathname + location.search);
}

/** Keeps the layers' filters in the address as `filter.<layer>`, and takes up those it names. */
export function keepFilters(queries: LayerQueries, layers: readonly LayerConfig[]): void {
  const take = (): void => {
    for (const { id } of layers)
      queries.set(id, { filter: readField(location.hash, `filter.${id}`) || null });
  };
  take();
  addEventListener("hashchange", take);
  queries.onChange((layer) => keepField(`filter.${layer}`, queries.get(layer).filter));
}

/** The layers that are drawn fainter, with how strongly in percent, as the address has them. */
export function readOpacities(
  hash: string,
  layers: readonly { id: string }[],
): Map<string, number> {
  const found = new Map<string, number>();
  for (const part of (readField(hash, OPACITY) ?? "").split(",")) {
    const [, id = "", digits] = /^(.+):(\d{1,3})$/.exec(part) ?? [];
    const percent = Number(digits);
    if (layers.some((one) => one.id === id) && percent < 100) found.set(id, percent);
  }
  return found;
}

/** Keeps what `readOpacities` reads. */
export function keepOpacities(opacities: ReadonlyMap<string, number>): void {
  const parts = [...opacities].map(([id, percent]) => `${id}:${percent}`);
  keepField(OPACITY, parts.length > 0 ? parts.join(",") : null);
}
