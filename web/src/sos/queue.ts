import { askForm, type Form, proofOf, sendAddition, sendRequest } from "./delivery";
import {
  everything,
  keep,
  kept,
  type Outcome,
  type Store,
  settleAddition,
  settleRequest,
  takeAddition,
  takeRequest,
} from "./store";

/** The name under which the queue is locked, told of and woken by Background Sync. */
export const QUEUE = "dieuhanh-sos";
export const FORM = "form";

/** Tells every page and the service worker that the queue has changed. */
export function tell(): void {
  const channel = new BroadcastChannel(QUEUE);
  channel.postMessage(null);
  channel.close();
}

/**
 * Sends all that is due, one after the other, and gives how many wait still. Only one page or worker
 * of a device sends at a time, where the browser has locks; where it has none, the server's own
 * rule that the same id is one request is enough.
 */
export async function flush(store: Store, changed: () => void = tell): Promise<number> {
  if (globalThis.navigator?.locks)
    await navigator.locks.request(QUEUE, { ifAvailable: true }, (lock) =>
      lock === null ? undefined : sendDue(store, true, changed),
    );
  else await sendDue(store, false, changed);
  const { entries, additions } = await everything(store);
  return [...entries, ...additions].filter(({ state }) => state === "waiting").length;
}

async function sendDue(store: Store, alone: boolean, changed: () => void): Promise<void> {
  for (;;) {
    const entry = await takeRequest(store, Date.now(), alone);
    if (!entry) break;
    changed();
    const form = await kept<Form>(store, FORM);
    let outcome = await sendRequest(entry.post, proofOf(form, Date.now()));
    if (outcome.kind === "later" && outcome.delay === "busy")
      outcome = await asked(store, entry.attempts, outcome);
    await settleRequest(store, entry.id, outcome);
    changed();
  }
  for (;;) {
    const next = await takeAddition(store, Date.now(), alone);
    if (!next) break;
    changed();
    const outcome = await sendAddition(next.addition, next.token);
    await settleAddition(store, next.addition, outcome);
    changed();
  }
}

/**
 * Gets a new proof by delay for a post beyond the limits, which may then go as soon as it proves
 * something; after a few tries as late as the server says.
 */
async function asked(
  store: Store,
  attempts: number,
  outcome: Extract<Outcome, { kind: "later" }>,
): Promise<Outcome> {
  const form = await askForm();
  if (!form) return outcome;
  await keep(store, FORM, form);
  const soon = (form.valid_after_s + 1) * 1000;
  return attempts <= 2 ? { ...outcome, after_ms: soon } : outcome;
}

/** When the next try is due, in milliseconds from now; null if nothing waits. */
export async function nextIn(store: Store, now = Date.now()): Promise<number | null> {
  const { entries, additions } = await everything(store);
  const sent = new Set(entries.filter(({ state }) => state === "sent").map(({ id }) => id));
  const waiting = [...entries, ...additions.filter(({ request }) => sent.has(request))].filter(
    ({ state }) => state === "waiting",
  );
  if (waiting.length === 0) return null;
  return Math.max(0, Math.min(...waiting.map(({ next_at }) => next_at)) - now);
}
