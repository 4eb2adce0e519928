import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import {
  begun,
  isDue,
  settled,
  type Tried,
  type Outcome as Tries,
  untried,
  woken,
} from "../outbox";
import { newId } from "./ids";

/** The fields of `POST /api/sos`. Once a try has begun they never change: they are the request. */
export type Post = { id: string } & Record<string, string | number | string[]>;

/** What the server said of a request that it took. */
export interface Receipt {
  code: string;
  state: string;
  received_at: string;
  outside: boolean;
  /** Missing when others have guessed at the request: then only the code is known. */
  follow: { token: string; url: string } | null;
}

/** A request for help on this device. */
export interface Entry extends Tried {
  id: string;
  made_at: number;
  /** Gone once it is sent, but for what the list shows. */
  post: Post;
  receipt: Receipt | null;
}

/** Fields of a request that are given later: those of `POST /api/sos/follow`. */
export type Details = Partial<Record<string, string | number | string[]>>;

/**
 * Fields with a note, or a photo, for a request: sent after it, each by itself, so that no photo
 * holds up a word. The server takes fields and notes of one id once, and a photo once by what it is.
 */
export interface Addition extends Tried {
  key?: number;
  /** Missing in what a page of an older version has put here. */
  id?: string;
  request: string;
  /** Null for a photo. */
  note: string | null;
  details?: Details;
  photo: Blob | null;
}

/** What came of a try. */
export type Outcome = Tries<Receipt | null>;

interface Schema extends DBSchema {
  requests: { key: string; value: Entry };
  additions: { key: number; value: Addition; indexes: { request: string } };
  kept: { key: string; value: unknown };
}

export type Store = IDBPDatabase<Schema>;

const NAME = "dieuhanh-sos";
const KEEP_MS = 21 * 86_400_000;

/** Opens what this device keeps of requests for help. */
export function openStore(name = NAME): Promise<Store> {
  return openDB<Schema>(name, 1, {
    upgrade(database) {
      database.createObjectStore("requests", { keyPath: "id" });
      const additions = database.createObjectStore("additions", {
        keyPath: "key",
        autoIncrement: true,
      });
      additions.createIndex("request", "request");
      database.createObjectStore("kept");
    },
    blocking(_current, _blocked, event) {
      // A newer page waits to change the form of the store.
      (event.target as IDBDatabase).close();
    },
  });
}

/** Puts a request into the queue, in place of a refused one of the same id. */
export async function enqueue(store: Store, post: Post): Promise<void> {
  const change = store.transaction("requests", "readwrite");
  const before = await change.store.get(post.id);
  if (before === undefined || before.state === "refused")
    await change.store.put({ id: post.id, made_at: Date.now(), post, receipt: null, ...untried() });
  await change.done;
}

/**
 * Adds fields to a request of which no try has begun. False if one has: then the server may have
 * the request already, and they are an addition to it.
 */
export async function complete(store: Store, id: string, fields: Partial<Post>): Promise<boolean> {
  const change = store.transaction("requests", "readwrite");
  const entry = await change.store.get(id);
  const may = entry !== undefined && entry.attempts === 0;
  if (may) await change.store.put({ ...entry, post: { ...entry.post, ...fields, id } as Post });
  await change.done;
  return may;
}

/** Puts fields with a note, or a photo, into the queue. */
export async function addTo(
  store: Store,
  request: string,
  what: { note: string; details?: Details } | { photo: Blob },
): Promise<void> {
  const id = newId();
  await store.add("additions", { id, request, note: null, photo: null, ...what, ...untried() });
}

/**
 * The oldest request that is due, now being sent; undefined if none is.
 *
 * `alone` says that nobody else is sending: what is marked so was cut off.
 */
export async function takeRequest(
  store: Store,
  now: number,
  alone: boolean,
): Promise<Entry | undefined> {
  const change = store.transaction("requests", "readwrite");
  const all = (await change.store.getAll()).sort((a, b) => a.made_at - b.made_at);
  const due = all.find((entry) => isDue(entry, now, alone));
  const taken = due && begun(due, now);
  if (taken) await change.store.put(taken);
  await change.done;
  return taken;
}

/** As `takeRequest`, for an addition to a request that was sent; with the token to follow it. */
export async function takeAddition(
  store: Store,
  now: number,
  alone: boolean,
): Promise<{ addition: Addition; token: string } | undefined> {
  const change = store.transaction(["requests", "additions"], "readwrite");
  let taken: { addition: Addition; token: string } | undefined;
  // What was written first goes first, or it would replace what was written after it.
  const behind = new Set<string>();
  for (const addition of await change.objectStore("additions").getAll()) {
    const isText = addition.note !== null;
    if (isText && behind.has(addition.request)) continue;
    if (isText && (addition.state === "waiting" || addition.state === "sending"))
      behind.add(addition.request);
    if (!isDue(addition, now, alone)) continue;
    const entry = await change.objectStore("requests").get(addition.request);
    const token = entry?.receipt?.follow?.token;
    if (!token) continue;
    taken = { addition: begun({ id: newId(), ...addition }, now), token };
    await change.objectStore("additions").put(taken.addition);
    break;
  }
  await change.done;
  return taken;
}

/** Writes down what came of sending a request. Personal details leave the device once it is sent. */
export async function settleRequest(store: Store, id: string, outcome: Outcome): Promise<void> {
  const change = store.transaction("requests", "readwrite");
  const entry = await change.store.get(id);
  if (entry) {
    const next = settled(entry, outcome, Date.now());
    if (outcome.kind === "sent") {
      next.receipt = outcome.receipt;
      next.post = shown(entry.post);
    }
    await change.store.put(next);
  }
  await change.done;
}

function shown(post: Post): Post {
  const { id, category, people } = post;
  return {
    id,
    ...(category === undefined ? {} : { category }),
    ...(people === undefined ? {} : { people }),
  };
}

/** Writes down what came of an addition; what was sent is kept as a number only. */
export async function settleAddition(
  store: Store,
  addition: Addition,
  outcome: Outcome,
): Promise<void> {
  const next = settled(addition, outcome, Date.now());
  if (next.state === "sent") Object.assign(next, { note: next.note && "", photo: null });
  if (next.state === "refused") next.photo = null;
  if (next.state === "sent" || next.state === "refused") delete next.details;
  await store.put("additions", next);
}

/** Lets everything that waits be tried now: the network is back, or the page was opened. */
export async function wake(store: Store): Promise<void> {
  const change = store.transaction(["requests", "additions"], "readwrite");
  for (const name of ["requests", "additions"] as const) {
    const all = change.objectStore(name);
    for await (const cursor of all.iterate()) {
      const next = woken<Entry | Addition>(cursor.value);
      if (next) await cursor.update(next);
    }
  }
  await change.done;
}

/** Everything in the queue, the newest request first. */
export async function everything(
  store: Store,
): Promise<{ entries: Entry[]; additions: Addition[] }> {
  const read = store.transaction(["requests", "additions"]);
  const entries = await read.objectStore("requests").getAll();
  const additions = await read.objectStore("additions").getAll();
  await read.done;
  return { entries: entries.sort((a, b) => b.made_at - a.made_at), additions };
}

/** Forgets a request and all that belongs to it, on this device. */
export async function forget(store: Store, id: string): Promise<void> {
  const change = store.transaction(["requests", "additions"], "readwrite");
  await change.objectStore("requests").delete(id);
  const additions = change.objectStore("additions");
  for (const key of await additions.index("request").getAllKeys(id)) await additions.delete(key);
  await change.done;
}

/** Forgets what was sent more than three weeks ago. */
export async function forgetOld(store: Store, now = Date.now()): Promise<void> {
  for (const entry of await store.getAll("requests"))
    if (entry.state === "sent" && entry.tried_at + KEEP_MS < now) await forget(store, entry.id);
}

/** Something kept for when there is no network, such as the code lists. */
export async function kept<T>(store: Store, name: string): Promise<T | undefined> {
  return (await store.get("kept", name)) as T | undefined;
}

/** Keeps something under a name. */
export async function keep(store: Store, name: string, value: unknown): Promise<void> {
  await store.put("kept", value, name);
}
