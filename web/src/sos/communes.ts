import { type Commune, communes as known } from "../communes";
import { keep, kept, type Store } from "./store";

export type { Commune };

/** The communes by name, as the store keeps them for when there is no network. */
export function communes(store: Store): Promise<Commune[]> {
  return known({
    kept: (name) => kept(store, name),
    keep: (name, value) => keep(store, name, value),
  });
}
