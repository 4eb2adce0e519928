import type { DBSchema, IDBPDatabase } from "idb";
import { openStore as open } from "../device-store";
import { backOff, CUT_OFF_MS } from "../outbox";
import type { Said, Snapshot } from "./model";

/** Why a report was not taken at the last try. */
export type Delay = "offline" | "busy" | "server" | "signedOut";

/** A report on this device: waiting to be sent, on its way, or refused by the server. */
export interface Entry {
  /** The order in which they were made, and are sent. */
  key?: number;
  /** By which the server takes it once. */
  id: string;
  /** Whose it is: it is sent in nobody else's name. */
  login: string;
  said: Said;
  note: string | null;
  made_at: number;
  state: "waiting" | "sending" | "refused";
  attempts: number;
  tried_at: number;
  /** When it may be sent: a moment after it was made, so that it can be taken back. */
  next_at: number;
  delay: Delay | null;
  problem: { status: number; detail: string } | null;
}

export type Outcome =
  | { kind: "taken" }
  | { kind: "later"; delay: Delay; after_ms: number | null }
  | { kind: "refused"; status: number; detail: string };

interface Schema extends DBSchema {
  reports: { key: number; value: Entry };
  kept: { key: string; value: unknown };
}

export type Store = IDBPDatabase<Schema>;

const NAME = "dieuhanh-team";
const SNAPSHOT = "snapshot";
/** For how long what is known of a task stays on a device that has no network. */
export const KEEP_MS = 24 * 3_600_000;

/** Opens what this device keeps of a team's tasks. */
export function openStore(name = NAME): Promise<Store> {
  return open<Schema>(name, (database) => {
    database.createObjectStore("reports", { keyPath: "key", autoIncrement: true });
    database.createObjectStore("kept");
  });
}

/**
 * Puts a report into the queue, to be sent after a moment in which it can be taken back. A team's
 * own state takes the place of one that waits: only the last counts.
 */
export async function enqueue(
  store: Store,
  login: string,
  said: Said,
  more: { note?: string | null; wait_ms?: number } = {},
): Promise<void> {
  const now = Date.now();
  const change = store.transaction("reports", "readwrite");
  if (said.kind === "team")
    for (const one of await change.store.getAll())
      if (one.said.kind === "team" && one.said.team === said.team && isUntried(one))
        await change.store.delete(one.key as number);
  await change.store.add({
    id: crypto.randomUUID(),
    login,
    said,
    note: more.note || null,
    made_at: now,
    state: "waiting",
    attempts: 0,
    tried_at: 0,
    next_at: now + (more.wait_ms ?? 0),
    delay: null,
    problem: null,
  });
  await change.done;
}

const isUntried = (one: Entry): boolean => one.state === "waiting" && one.attempts === 0;

/** Whether a report can still be taken back: no try has begun, so the server does not have it. */
export function canUndo(one: Entry): boolean {
  return isUntried(one);
}

/** Takes a report back, and all that was said of the same task after it. False if it is too late. */
export async function undo(store: Store, key: number): Promise<boolean> {
  const change = store.transaction("reports", "readwrite");
  const entry = await change.store.get(key);
  const may = entry !== undefined && isUntried(entry);
  if (may)
    for (const one of await change.store.getAll())
      if ((one.key as number) >= key && isSame(one, entry) && isUntried(one))
        await change.store.delete(one.key as number);
  await change.done;
  return may;
}

function isSame(one: Entry, other: Entry): boolean {
  return one.login === other.login && subject(one.said) === subject(other.said);
}

function subject(said: Said): string {
  return said.kind === "team" ? `team:${said.team}` : said.request;
}

/**
 * The oldest report of a login, if it is due, now being sent. What comes after one that waits waits
 * as well: reports arrive in the order in which they were made.
 *
 * `alone` says that nobody else is sending: what is marked so was cut off.
 */
export async function take(
  store: Store,
  login: string,
  now: number,
  alone: boolean,
): Promise<Entry | undefined> {
  const change = store.transaction("reports", "readwrite");
  const all = await change.store.getAll();
  const first = all.find((one) => one.login === login && one.state !== "refused");
  const due =
    first?.state === "sending"
      ? alone || first.tried_at + CUT_OFF_MS < now
      : first !== undefined && first.next_at <= now;
  const taken: Entry | undefined =
    first && due
      ? { ...first, state: "sending", attempts: first.attempts + 1, tried_at: now }
      : undefined;
  if (taken) await change.store.put(taken);
  await change.done;
  return taken;
}

/** Writes down what came of a try. What was taken leaves the queue, and the tasks are as it says. */
export async function settle(
  store: Store,
  entry: Entry,
  outcome: Outcome,
  after: (snapshot: Snapshot, said: Said) => Snapshot,
): Promise<void> {
  const change = store.transaction(["reports", "kept"], "readwrite");
  const reports = change.objectStore("reports");
  if (outcome.kind === "taken") {
    await reports.delete(entry.key as number);
    const snapshot = (await change.objectStore("kept").get(SNAPSHOT)) as Snapshot | undefined;
    if (snapshot?.login === entry.login)
      await change.objectStore("kept").put(after(snapshot, entry.said), SNAPSHOT);
  } else if (outcome.kind === "refused") {
    const { status, detail } = outcome;
    await reports.put({ ...entry, state: "refused", delay: null, problem: { status, detail } });
  } else {
    const next_at = Date.now() + Math.max(outcome.after_ms ?? 0, backOff(entry.attempts));
    await reports.put({ ...entry, state: "waiting", delay: outcome.delay, next_at });
  }
  await change.done;
}

/** Lets what waits be tried now; what can still be taken back keeps its moment. */
export async function wake(store: Store): Promise<void> {
  const change = store.transaction("reports", "readwrite");
  for await (const cursor of change.store.iterate())
    if (cursor.value.state === "waiting" && cursor.value.attempts > 0)
      if (cursor.value.delay !== "busy") await cursor.update({ ...cursor.value, next_at: 0 });
  await change.done;
}

/** All reports, in the order in which they were made. */
export function reports(store: Store): Promise<Entry[]> {
  return store.getAll("reports");
}

/** Takes a refused report off the list, once somebody has read why. */
export async function dismiss(store: Store, key: number): Promise<void> {
  const change = store.transaction("reports", "readwrite");
  if ((await change.store.get(key))?.state === "refused") await change.store.delete(key);
  await change.done;
}

/** The tasks as they were told last; nothing once that is a day old. */
export async function snapshot(store: Store, now = Date.now()): Promise<Snapshot | null> {
  const found = (await store.get("kept", SNAPSHOT)) as Snapshot | undefined;
  if (!found) return null;
  if (found.at + KEEP_MS >= now) return found;
  await store.delete("kept", SNAPSHOT);
  return null;
}

export async function keepSnapshot(store: Store, told: Snapshot): Promise<void> {
  await store.put("kept", told, SNAPSHOT);
}

/** Forgets all tasks, and where they are; reports that wait stay. */
export async function forgetTasks(store: Store): Promise<void> {
  await store.delete("kept", SNAPSHOT);
}
