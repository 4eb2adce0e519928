import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Bilingual } from "../locale";
import {
  begun,
  isDue,
  type Outcome as OutcomeOf,
  settled,
  type Tried,
  untried,
  woken,
} from "../outbox";

/** The fields of `POST /api/declarations`. Once a try has begun they never change. */
export interface Post {
  id: string;
  who: "self" | "family" | "other";
  name: string;
  birth_year?: number;
  sex?: string;
  phone?: string;
  identity?: string;
  commune_code: string;
  address?: string;
  symptoms: string[];
  contact: boolean;
  places: string[];
  elsewhere: string[];
  made_at: string;
  card?: string;
  consent: boolean;
}

/** What the server said of a declaration that it took. */
export interface Receipt {
  received_at: string;
  valid_until: string;
  /** Missing once it was revoked. */
  card: { token: string; expires_at: string } | null;
  next: (Bilingual & { code: string })[];
}

/** A declaration on this device. */
export interface Entry extends Tried {
  id: string;
  made_at: number;
  /** Whose it is; it stays when all else that was written is gone. */
  name: string;
  /** Whether an officer declares, in their own name. */
  staff: boolean;
  /** Gone once it is sent. */
  post: Post | null;
  receipt: Receipt | null;
}

export type Outcome = OutcomeOf<Receipt>;

interface Schema extends DBSchema {
  declarations: { key: string; value: Entry };
  kept: { key: string; value: unknown };
}

export type Store = IDBPDatabase<Schema>;

const NAME = "dieuhanh-declare";
const KEEP_MS = 21 * 86_400_000;

/** Opens what this device keeps of declarations. */
export function openStore(name = NAME): Promise<Store> {
  return openDB<Schema>(name, 1, {
    upgrade(database) {
      database.createObjectStore("declarations", { keyPath: "id" });
      database.createObjectStore("kept");
    },
    blocking(_current, _blocked, event) {
      // A newer page waits to change the form of the store.
      (event.target as IDBDatabase).close();
    },
  });
}

/** Puts a declaration into the queue, in place of a refused one of the same id. */
export async function enqueue(store: Store, post: Post, staff: boolean): Promise<void> {
  const change = store.transaction("declarations", "readwrite");
  const before = await change.store.get(post.id);
  if (before === undefined || before.state === "refused") {
    const { id, name } = post;
    const made_at = Date.now();
    await change.store.put({ id, made_at, name, staff, post, receipt: null, ...untried() });
  }
  await change.done;
}

/** The oldest declaration that is due, now being sent; undefined if none is. */
export async function take(store: Store, now: number, alone: boolean): Promise<Entry | undefined> {
  const change = store.transaction("declarations", "readwrite");
  const all = (await change.store.getAll()).sort((a, b) => a.made_at - b.made_at);
  const due = all.find((entry) => isDue(entry, now, alone));
  const taken = due && begun(due, now);
  if (taken) await change.store.put(taken);
  await change.done;
  return taken;
}

/**
 * Writes down what came of a try. What was declared leaves the device once it is sent; of the same
 * person the last declaration stays.
 */
export async function settle(store: Store, id: string, outcome: Outcome): Promise<void> {
  const change = store.transaction("declarations", "readwrite");
  const entry = await change.store.get(id);
  if (entry) {
    const next = settled(entry, outcome, Date.now());
    if (outcome.kind === "sent") {
      next.receipt = outcome.receipt;
      next.post = null;
      for (const one of await change.store.getAll())
        if (one.id !== id && one.state === "sent" && one.name === entry.name)
          await change.store.delete(one.id);
    }
    await change.store.put(next);
  }
  await change.done;
}

/** Lets everything that waits be tried now: the network is back, or the page was opened. */
export async function wake(store: Store): Promise<void> {
  const change = store.transaction("declarations", "readwrite");
  for await (const cursor of change.store.iterate()) {
    const next = woken(cursor.value);
    if (next) await cursor.update(next);
  }
  await change.done;
}

/** All declarations, the newest first. */
export async function everything(store: Store): Promise<Entry[]> {
  return (await store.getAll("declarations")).sort((a, b) => b.made_at - a.made_at);
}

/** Forgets a declaration on this device. */
export async function forget(store: Store, id: string): Promise<void> {
  await store.delete("declarations", id);
}

/** Forgets what was sent more than three weeks ago, with a card that is over. */
export async function forgetOld(store: Store, now = Date.now()): Promise<void> {
  for (const { id, state, tried_at, receipt } of await store.getAll("declarations")) {
    const over = !receipt?.card || Date.parse(receipt.card.expires_at) < now;
    if (state === "sent" && over && tried_at + KEEP_MS < now) await forget(store, id);
  }
}

/** Something kept for when there is no network, such as the code lists. */
export async function kept<T>(store: Store, name: string): Promise<T | undefined> {
  return (await store.get("kept", name)) as T | undefined;
}

/** Keeps something under a name. */
export async function keep(store: Store, name: string, value: unknown): Promise<void> {
  await store.put("kept", value, name);
}
