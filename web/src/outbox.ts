// What the queues of this device have in common: how a message stands, who sends, and how the others
// hear of it.
import type { Bilingual } from "./locale";

/** A fault of a field, as the server names it. */
export interface Fault extends Bilingual {
  field: string;
}

export type State = "waiting" | "sending" | "sent" | "refused";
/** Why it was not sent at the last try: no answer, too many posts, or a fault of the server. */
export type Delay = "offline" | "busy" | "server";

/** How a message stands that is sent once, however many tries it takes. */
export interface Tried {
  state: State;
  attempts: number;
  /** When the last try began, and when the next one may: milliseconds since 1970. */
  tried_at: number;
  next_at: number;
  delay: Delay | null;
  /** The status and the faults with which the server refused it. */
  refused: { status: number; faults: Fault[] } | null;
}

/** What came of a try. */
export type Outcome<Receipt> =
  | { kind: "sent"; receipt: Receipt }
  | { kind: "later"; delay: Delay; after_ms: number | null }
  | { kind: "refused"; status: number; faults: Fault[] };

const SOONEST_MS = 4_000;
const LATEST_MS = 300_000;
/** A try that has not ended after this long was cut off with its page. */
export const CUT_OFF_MS = 180_000;

/** How a message stands that was just made. */
export const untried = (): Tried => ({
  state: "waiting",
  attempts: 0,
  tried_at: 0,
  next_at: 0,
  delay: null,
  refused: null,
});

/**
 * Whether a message may be sent now. `alone` says that nobody else is sending: what is marked so was
 * cut off.
 */
export function isDue(one: Tried, now: number, alone: boolean): boolean {
  if (one.state === "sending") return alone || one.tried_at + CUT_OFF_MS < now;
  return one.state === "waiting" && one.next_at <= now;
}

/** A message of which a try begins. */
export function begun<T extends Tried>(one: T, now: number): T {
  return { ...one, state: "sending", attempts: one.attempts + 1, tried_at: now };
}

/** How long to wait after so many tries: twice as long each time, to five minutes, never all at once. */
export function backOff(attempts: number, random = Math.random()): number {
  const most = Math.min(LATEST_MS, SOONEST_MS * 2 ** Math.max(0, attempts - 1));
  return Math.round(most * (0.75 + random / 4));
}

/** A message after a try. */
export function settled<T extends Tried>(one: T, outcome: Outcome<unknown>, now: number): T {
  if (outcome.kind === "sent") return { ...one, state: "sent", delay: null, refused: null };
  if (outcome.kind === "refused") {
    const { status, faults } = outcome;
    return { ...one, state: "refused", delay: null, refused: { status, faults } };
  }
  const next_at = now + Math.max(outcome.after_ms ?? 0, backOff(one.attempts));
  return { ...one, state: "waiting", delay: outcome.delay, next_at };
}

/** A message that may be tried now: the network is back, or the page was opened. Null: as it is. */
export function woken<T extends Tried>(one: T): T | null {
  return one.state === "waiting" && one.delay !== "busy" ? { ...one, next_at: 0 } : null;
}

/** When the next of some messages may be tried, in milliseconds from now; null if none waits. */
export function soonest(messages: readonly Tried[], now: number): number | null {
  const waiting = messages.filter(({ state }) => state === "waiting");
  if (waiting.length === 0) return null;
  return Math.max(0, Math.min(...waiting.map(({ next_at }) => next_at)) - now);
}

/** Tells every page and the service worker that a queue has changed, and how where they show that. */
export function tellOf(queue: string, said: unknown = null): void {
  const channel = new BroadcastChannel(queue);
  channel.postMessage(said);
  channel.close();
}

/**
 * Sends what is due of a queue. Only one page or worker of a device sends at a time, where the browser
 * has locks; where it has none, the server's own rule that the same id is one message is enough.
 * Nothing is tried that cannot succeed.
 */
export async function sendAlone(
  queue: string,
  send: (alone: boolean) => Promise<void>,
): Promise<void> {
  if (globalThis.navigator?.onLine === false) return;
  if (globalThis.navigator?.locks)
    await navigator.locks.request(queue, { ifAvailable: true }, (lock) =>
      lock === null ? undefined : send(true),
    );
  else await send(false);
}
