import type { Bilingual } from "../locale";
import { type Signed, session } from "../menu/session";
import { sendAlone, tellOf } from "../outbox";
import { type Entry, entries, type Outcome, type Store, settle, take } from "./store";

/** The stores of an officer's page and of a person's own, also the names of their locks. */
export const OFFICERS = "dieuhanh-checkpoint";
export const OWN = "dieuhanh-check-in";

const PATIENCE_MS = 30_000;
const BATCH = 200;

type Told = (entry: Entry, outcome: Outcome) => void;

interface Result {
  id?: unknown;
  outcome?: unknown;
  declared?: unknown;
  reason?: Bilingual;
}

/** What the service worker tells the pages of an event that it has sent. */
interface Heard {
  id: string;
  outcome: Outcome;
}

/** Tells the pages of a queue what came of an event. */
export const tell =
  (queue: string): Told =>
  ({ id }, outcome) =>
    tellOf(queue, { id, outcome } satisfies Heard);

/** What came of an event, if that is what the pages were told; null if it was something else. */
export function heardOf(said: unknown, id: string | undefined): Outcome | null {
  const heard = said as Heard | null;
  return heard && heard.id === id ? heard.outcome : null;
}

/** How many events wait to be sent. */
async function waiting(store: Store): Promise<number> {
  return (await entries(store)).filter(({ state }) => state !== "refused").length;
}

/**
 * Sends what an officer's device has, in batches, in the officer's own name, and gives how many
 * events wait still. Without a login it is sent for whoever is signed in.
 */
export async function flushOfficers(
  store: Store,
  login: string | null,
  told: Told,
): Promise<number> {
  await sendAlone(OFFICERS, async (alone) => {
    if ((await waiting(store)) === 0) return;
    const signed = await session().catch(() => null);
    const whose = login ?? (signed?.signedIn ? signed.login : null);
    if (whose === null) return;
    const isMine = signed?.signedIn && signed.login === whose;
    for (;;) {
      const due = await take(store, whose, BATCH, Date.now(), alone);
      if (due.length === 0) return;
      const outcomes = isMine
        ? await sendBatch(due, signed)
        : due.map(() => later(signed ? "signedOut" : "offline"));
      for (const [at, entry] of due.entries()) {
        const outcome = outcomes[at] ?? later("server");
        await settle(store, entry, outcome);
        told(entry, outcome);
      }
      if (outcomes.some(({ kind }) => kind === "later")) return;
    }
  });
  return waiting(store);
}

/** Sends a person's own, each by itself, and gives how many wait still. */
export async function flushOwn(store: Store, told: Told): Promise<number> {
  await sendAlone(OWN, async (alone) => {
    for (;;) {
      const [entry] = await take(store, "", 1, Date.now(), alone);
      if (!entry) return;
      const outcome = await sendOne(entry);
      await settle(store, entry, outcome);
      told(entry, outcome);
      if (outcome.kind === "later") return;
    }
  });
  return waiting(store);
}

/** When the next try is due, in milliseconds from now; null if nothing waits. */
export async function nextIn(store: Store, now = Date.now()): Promise<number | null> {
  const due = (await entries(store))
    .filter(({ state }) => state !== "refused")
    .map(({ state, next_at }) => (state === "sending" ? now + 1000 : next_at));
  return due.length > 0 ? Math.max(0, Math.min(...due) - now) : null;
}

const later = (delay: "offline" | "busy" | "server" | "signedOut"): Outcome => ({
  kind: "later",
  delay,
  after_ms: null,
});

const bodyOf = ({ id, at, said }: Entry): object => ({ id, at, ...said });

async function post(
  path: string,
  body: object,
  headers: Record<string, string>,
  credentials: RequestCredentials,
): Promise<Response | null> {
  try {
    return await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
      redirect: "error",
      credentials,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    // No answer, or half of one: the server may have it or not. It is sent again as it is.
    return null;
  }
}

async function sendBatch(due: Entry[], { csrf }: Signed): Promise<Outcome[]> {
  const headers = { "X-CSRF-Token": csrf ?? "" };
  const body = { events: due.map(bodyOf) };
  const answer = await post("/api/check-ins", body, headers, "same-origin");
  const found = (await answer?.json().catch(() => null)) as { results?: Result[] } | null;
  if (!answer?.ok || !Array.isArray(found?.results)) {
    const why = answer ? delayOf(answer) : later("offline");
    const refused = refusal(answer, found);
    // A role that may not record is no fault of the events: they wait for somebody who may.
    return due.map(() => (refused && answer?.status !== 403 ? refused : why));
  }
  const results = found.results;
  return due.map((entry, at) => {
    const result = results[at];
    return result?.id === entry.id ? outcomeOf(result) : later("server");
  });
}

async function sendOne(entry: Entry): Promise<Outcome> {
  const answer = await post("/api/check-ins/self", bodyOf(entry), {}, "omit");
  if (!answer) return later("offline");
  const found = (await answer.json().catch(() => null)) as Result | null;
  if (answer.ok) return found?.id === entry.id ? outcomeOf(found) : later("offline");
  return refusal(answer, found) ?? delayOf(answer);
}

function outcomeOf({ outcome, declared, reason }: Result): Outcome {
  if (outcome === "refused" && reason) return { kind: "refused", reason };
  if (outcome !== "taken" && outcome !== "already") return later("server");
  const known = typeof declared === "boolean" ? declared : null;
  return { kind: "taken", declared: known, again: outcome === "already" };
}

/** Who refuses is this server only if it says so in its own way. */
function refusal(answer: Response | null, found: unknown): Outcome | null {
  const kind = answer?.headers.get("Content-Type") ?? "";
  if (!answer || ![400, 413, 422].includes(answer.status)) return null;
  if (!kind.startsWith("application/problem+json")) return null;
  const { reason, detail } = (found ?? {}) as { reason?: Bilingual; detail?: string };
  const said = String(detail ?? answer.status);
  return { kind: "refused", reason: reason ?? { vi: said, en: said } };
}

function delayOf(answer: Response): Outcome {
  const { status } = answer;
  if (status === 401 || status === 403) return later("signedOut");
  if (status !== 429) return later("server");
  const seconds = Number(answer.headers.get("Retry-After"));
  return { kind: "later", delay: "busy", after_ms: seconds > 0 ? seconds * 1000 : null };
}
