import { keep, type Store } from "../device-store";
import { type Outcome, sendAlone, soonest } from "../outbox";
import { vi } from "../texts/sos/vi";
import { askForm, sendAddition } from "./delivery";
import {
  addTo,
  everything,
  FORM,
  type Receipt,
  requests,
  settleAddition,
  takeAddition,
} from "./store";

/** After so long in the queue a request says when it was written: the server knows its arrival only. */
const LATE_MS = 15 * 60_000;

/** Sends all that is due, one after the other, and gives how many wait still. */
export async function flush(store: Store, changed: () => void = requests.tell): Promise<number> {
  await sendAlone(requests.name, (alone) => sendDue(store, alone, changed));
  return waiting(store);
}

async function waiting(store: Store): Promise<number> {
  const { entries, additions } = await everything(store);
  return [...entries, ...additions].filter(({ state }) => state === "waiting").length;
}

/** Rescuers read Vietnamese, whatever the language of the page. */
function late(made_at: number): string {
  const format = new Intl.DateTimeFormat("vi-VN", { dateStyle: "short", timeStyle: "short" });
  return vi.late.replace("{time}", format.format(made_at));
}

async function sendDue(store: Store, alone: boolean, changed: () => void): Promise<void> {
  for (;;) {
    const entry = await requests.take(store, Date.now(), alone);
    if (!entry) break;
    changed();
    let outcome = await requests.send(store, entry);
    if (outcome.kind === "later" && outcome.delay === "busy")
      outcome = await asked(store, entry.attempts, outcome);
    await requests.settle(store, entry.id, outcome);
    if (outcome.kind === "sent" && entry.tried_at - entry.made_at > LATE_MS)
      await addTo(store, entry.id, { note: late(entry.made_at) });
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
  outcome: Extract<Outcome<Receipt>, { kind: "later" }>,
): Promise<Outcome<Receipt>> {
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
  return soonest([...entries, ...additions.filter(({ request }) => sent.has(request))], now);
}
