import { kept, openStore, type Store } from "../device-store";
import { begun, isDue, type Outcome, settled, type Tried, untried } from "../outbox";
import { type Message, makeQueue, Outbox, wakeTable } from "../outbox-store";
import { type Form, proofOf, sendRequest } from "./delivery";
import { newId } from "./ids";

export const FORM = "form";
const REQUESTS = "requests";
const ADDITIONS = "additions";

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

/** A request for help on this device; what the list shows of it stays once it is sent. */
export type Entry = Message<Post, Receipt>;

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

export const requests = new Outbox<Entry, Receipt>({
  name: "dieuhanh-sos",
  table: REQUESTS,
  send: async ({ post }, store) =>
    sendRequest(post, proofOf(await kept<Form>(store, FORM), Date.now())),
  leaves: ({ post }) => ({ post: shown(post) }),
});

/** Opens what this device keeps of requests for help. */
export function openRequests(name = requests.name): Promise<Store> {
  return openStore(name, (database) => {
    makeQueue(database, REQUESTS);
    const additions = database.createObjectStore(ADDITIONS, {
      keyPath: "key",
      autoIncrement: true,
    });
    additions.createIndex("request", "request");
  });
}

/**
 * Adds fields to a request of which no try has begun. False if one has: then the server may have
 * the request already, and they are an addition to it.
 */
export async function complete(store: Store, id: string, fields: Partial<Post>): Promise<boolean> {
  const change = store.transaction(REQUESTS, "readwrite");
  const entry = (await change.store.get(id)) as Entry | undefined;
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
  await store.add(ADDITIONS, { id, request, note: null, photo: null, ...what, ...untried() });
}

/** As `requests.take`, for an addition to a request that was sent; with the token to follow it. */
export async function takeAddition(
  store: Store,
  now: number,
  alone: boolean,
): Promise<{ addition: Addition; token: string } | undefined> {
  const change = store.transaction([REQUESTS, ADDITIONS], "readwrite");
  let taken: { addition: Addition; token: string } | undefined;
  // What was written first goes first, or it would replace what was written after it.
  const behind = new Set<string>();
  for (const addition of (await change.objectStore(ADDITIONS).getAll()) as Addition[]) {
    const isText = addition.note !== null;
    if (isText && behind.has(addition.request)) continue;
    if (isText && (addition.state === "waiting" || addition.state === "sending"))
      behind.add(addition.request);
    if (!isDue(addition, now, alone)) continue;
    const entry = (await change.objectStore(REQUESTS).get(addition.request)) as Entry | undefined;
    const token = entry?.receipt?.follow?.token;
    if (!token) continue;
    taken = { addition: begun({ id: newId(), ...addition }, now), token };
    await change.objectStore(ADDITIONS).put(taken.addition);
    break;
  }
  await change.done;
  return taken;
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
  outcome: Outcome<unknown>,
): Promise<void> {
  const next = settled(addition, outcome, Date.now());
  if (next.state === "sent") Object.assign(next, { note: next.note && "", photo: null });
  if (next.state === "refused") next.photo = null;
  if (next.state === "sent" || next.state === "refused") delete next.details;
  await store.put(ADDITIONS, next);
}

/** Lets everything that waits be tried now: the network is back, or the page was opened. */
export async function wake(store: Store): Promise<void> {
  await wakeTable(store, REQUESTS);
  await wakeTable(store, ADDITIONS);
}

/** Everything in the queue, the newest request first. */
export async function everything(
  store: Store,
): Promise<{ entries: Entry[]; additions: Addition[] }> {
  const read = store.transaction([REQUESTS, ADDITIONS]);
  const entries = (await read.objectStore(REQUESTS).getAll()) as Entry[];
  const additions = (await read.objectStore(ADDITIONS).getAll()) as Addition[];
  await read.done;
  return { entries: entries.sort((a, b) => b.made_at - a.made_at), additions };
}

/** Forgets a request and all that belongs to it, on this device. */
export async function forget(store: Store, id: string): Promise<void> {
  const change = store.transaction([REQUESTS, ADDITIONS], "readwrite");
  await change.objectStore(REQUESTS).delete(id);
  const additions = change.objectStore(ADDITIONS);
  for (const key of await additions.index("request").getAllKeys(id)) await additions.delete(key);
  await change.done;
}

/** Forgets what was sent more than three weeks ago. */
export async function forgetOld(store: Store, now = Date.now()): Promise<void> {
  for (const { id } of await requests.old(store, now)) await forget(store, id);
}
