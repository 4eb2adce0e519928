// What a page keeps on this device, in IndexedDB.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Keeper } from "./communes";

/** The table of things by name. */
export const KEPT = "kept";

/** A database of this device. */
export type Store = IDBPDatabase;

/** Opens a database of this device, in which `make` makes what is not there yet. */
export function openStore<Schema extends DBSchema | unknown = unknown>(
  name: string,
  make: (database: IDBPDatabase<Schema>) => void,
): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(name, 1, {
    upgrade: (database) => make(database),
    blocking(_current, _blocked, event) {
      // A newer page waits to change the form of the store.
      (event.target as IDBDatabase).close();
    },
  });
}

/** What of a store is known by name. */
interface ByName {
  get(table: typeof KEPT, name: string): Promise<unknown>;
  put(table: typeof KEPT, value: unknown, name: string): Promise<unknown>;
  delete(table: typeof KEPT, name: string): Promise<void>;
}

/** Something kept for when there is no network, such as the code lists. */
export async function kept<T>(store: ByName, name: string): Promise<T | undefined> {
  return (await store.get(KEPT, name)) as T | undefined;
}

/** Keeps something under a name; null forgets it. */
export async function keep(store: ByName, name: string, value: unknown): Promise<void> {
  if (value === null) await store.delete(KEPT, name);
  else await store.put(KEPT, value, name);
}

/** The things by name of a store. */
export const keeper = (store: Store): Keeper => ({
  kept: (name) => kept(store, name),
  keep: (name, value) => keep(store, name, value),
});
