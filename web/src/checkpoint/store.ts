import type { DBSchema, IDBPDatabase } from "idb";
import { openStore as open } from "../device-store";
import type { Bilingual } from "../locale";
import { backOff, CUT_OFF_MS } from "../outbox";
import { newId } from "../sos/ids";

/** Why an event was not taken at the last try. */
export type Delay = "offline" | "busy" | "server" | "signedOut";

/** Who came or went, by the fields of the server's own. Once it is made it never changes. */
export interface Said {
  site: string;
  direction: "in" | "out";
  token?: string;
  id_card?: string;
  number?: string;
  name?: string;
}

/** A check-in on this device: waiting, on its way, or refused by the server. */
export interface Entry {
  /** By which the server takes it once. */
  id: string;
  /** An instant of RFC 3339, by the clock of this device. */
  at: string;
  /** Whose it is: it is sent in nobody else's name. Empty for a person's own. */
  login: string;
  /** The site's name, for the list of what was refused. */
  place: string;
  said: Said;
  made_at: number;
  state: "waiting" | "sending" | "refused";
  attempts: number;
  tried_at: number;
  next_at: number;
  delay: Delay | null;
  reason: Bilingual | null;
}

/** What the server said of an event, or that it is to be sent again. */
export type Outcome =
  | { kind: "taken"; declared: boolean | null; again: boolean }
  | { kind: "refused"; reason: Bilingual }
  | { kind: "later"; delay: Delay; after_ms: number | null };

interface Schema extends DBSchema {
  events: { key: string; value: Entry };
}

export type Store = IDBPDatabase<Schema>;

/** Opens what a page keeps of check-ins that were not sent yet. */
export function openStore(name: string): Promise<Store> {
  return open<Schema>(name, (database) => {
    database.createObjectStore("events", { keyPath: "id" });
  });
}

/** Writes an event down, to be sent. It is on this device once this has ended. */
export async function enqueue(
  store: Store,
  login: string,
  place: string,
  said: Said,
): Promise<Entry> {
  const now = Date.now();
  const entry: Entry = {
    id: newId(),
    at: new Date(now).toISOString(),
    login,
    place,
    said,
    made_at: now,
    state: "waiting",
    attempts: 0,
    tried_at: 0,
    next_at: now,
    delay: null,
    reason: null,
  };
  await store.add("events", entry);
  return entry;
}

/** The oldest events of a login that are due, at most so many, now being sent. */
export async function take(
  store: Store,
  login: string,
  most: number,
  now: number,
  alone: boolean,
): Promise<Entry[]> {
  const change = store.transaction("events", "readwrite");
  const all = (await change.store.getAll()).sort((a, b) => a.made_at - b.made_at);
  const isDue = (one: Entry): boolean =>
    one.state === "sending"
      ? alone || one.tried_at + CUT_OFF_MS < now
      : one.state === "waiting" && one.next_at <= now;
  const taken = all
    .filter((one) => one.login === login && isDue(one))
    .slice(0, most)
    .map((one): Entry => ({ ...one, state: "sending", attempts: one.attempts + 1, tried_at: now }));
  for (const one of taken) await change.store.put(one);
  await change.done;
  return taken;
}

/** Writes down what came of a try. What was taken leaves this device, and who it was with it. */
export async function settle(store: Store, entry: Entry, outcome: Outcome): Promise<void> {
  if (outcome.kind === "taken") {
    await store.delete("events", entry.id);
  } else if (outcome.kind === "refused") {
    const { site, direction } = entry.said;
    const said: Said = { site, direction };
    await store.put("events", { ...entry, said, state: "refused", reason: outcome.reason });
  } else {
    const next_at = Date.now() + Math.max(outcome.after_ms ?? 0, backOff(entry.attempts));
    await store.put("events", { ...entry, state: "waiting", delay: outcome.delay, next_at });
  }
}

/** Lets all that waits be tried now, but for what the server asked to wait with. */
export async function wake(store: Store): Promise<void> {
  const change = store.transaction("events", "readwrite");
  for await (const cursor of change.store.iterate())
    if (cursor.value.state === "waiting" && cursor.value.delay !== "busy")
      await cursor.update({ ...cursor.value, next_at: 0 });
  await change.done;
}

/** All that has not been taken, the oldest first. */
export async function entries(store: Store): Promise<Entry[]> {
  return (await store.getAll("events")).sort((a, b) => a.made_at - b.made_at);
}

/** Takes a refused one off the list, once somebody has read why. */
export async function dismiss(store: Store, id: string): Promise<void> {
  await store.delete("events", id);
}
