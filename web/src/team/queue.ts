import type { Session } from "../board/api";
import { fetchJson } from "../http";
import { sendAlone, tellOf } from "../outbox";
import { vi } from "../texts/team/vi";
import { applied } from "./model";
import { type Entry, type Outcome, reports, type Store, settle, take } from "./store";

/** The name under which the queue is locked, told of and woken by Background Sync. */
export const QUEUE = "dieuhanh-team";

const PATIENCE_MS = 30_000;
/** After so long in the queue a report says when it was made: the server knows its arrival only. */
const LATE_MS = 2 * 60_000;

/** Tells every page and the service worker that the queue has changed. */
export const tell = (): void => tellOf(QUEUE);

/** Sends what is due, in order, and gives how many reports wait still. */
export async function flush(store: Store, changed: () => void = tell): Promise<number> {
  await sendAlone(QUEUE, (alone) => sendDue(store, alone, changed));
  return waiting(store);
}

function whoAsks(): Promise<Session | null> {
  return fetchJson<Session>("/api/session").catch(() => null);
}

async function waiting(store: Store): Promise<number> {
  return (await reports(store)).filter(({ state }) => state !== "refused").length;
}

async function sendDue(store: Store, alone: boolean, changed: () => void): Promise<void> {
  const due = (await reports(store)).some(
    ({ state, next_at }) => state === "sending" || (state === "waiting" && next_at <= Date.now()),
  );
  if (!due) return;
  const session = await whoAsks();
  if (!session?.signedIn) return;
  for (;;) {
    const entry = await take(store, session.login, Date.now(), alone);
    if (!entry) return;
    changed();
    let outcome = await send(entry, session.csrf ?? "");
    // Whoever has signed in anew meanwhile has another token: that is no refusal.
    if (outcome.kind === "refused" && outcome.status === 403) {
      const now = await whoAsks();
      if (now?.csrf !== session.csrf) outcome = { kind: "later", delay: "server", after_ms: null };
    }
    await settle(store, entry, outcome, (told, said) => applied(told, [said]));
    changed();
    if (outcome.kind === "later") return;
  }
}

/** Waits, no longer than so many milliseconds, until what was just made may be sent. */
export async function untilDue(store: Store, most_ms: number): Promise<void> {
  const now = Date.now();
  const waits = (await reports(store))
    .filter(({ state, attempts }) => state === "waiting" && attempts === 0)
    .map(({ next_at }) => next_at - now);
  const longest = Math.min(most_ms, Math.max(0, ...waits));
  if (longest > 0) await new Promise((resolve) => setTimeout(resolve, longest));
}

/** When the next try of a login's reports is due, in milliseconds from now; null if none waits. */
export async function nextIn(
  store: Store,
  login: string,
  now = Date.now(),
): Promise<number | null> {
  const first = (await reports(store)).find(
    (one) => one.login === login && one.state !== "refused",
  );
  if (!first) return null;
  return first.state === "sending" ? 1000 : Math.max(0, first.next_at - now);
}

function noteOf({ note, made_at, tried_at }: Entry): string | null {
  if (tried_at - made_at <= LATE_MS) return note;
  // Coordination reads Vietnamese, whatever the language of the page.
  const format = new Intl.DateTimeFormat("vi-VN", { dateStyle: "short", timeStyle: "short" });
  return [note, vi.late.replace("{time}", format.format(made_at))].filter(Boolean).join("\n");
}

function callOf(entry: Entry): { method: string; path: string; body: object } {
  const { said, id } = entry;
  if (said.kind === "team")
    return { method: "PUT", path: `/api/teams/${said.team}/state`, body: { state: said.value } };
  const path = `/api/sos/${encodeURIComponent(said.request)}`;
  const note = noteOf(entry);
  return said.kind === "decline"
    ? { method: "POST", path: `${path}/decline`, body: { id, note } }
    : { method: "POST", path: `${path}/steps`, body: { id, note, state: said.value } };
}

async function send(entry: Entry, csrf: string): Promise<Outcome> {
  const { method, path, body } = callOf(entry);
  try {
    const answer = await fetch(path, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify(body),
      redirect: "error",
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return await read(answer, entry);
  } catch {
    // No answer, or half of one: the server may have it or not. It is sent again as it is.
    return { kind: "later", delay: "offline", after_ms: null };
  }
}

async function read(answer: Response, entry: Entry): Promise<Outcome> {
  const { status } = answer;
  if (status === 401) return { kind: "later", delay: "signedOut", after_ms: null };
  if (status === 429) {
    const seconds = Number(answer.headers.get("Retry-After"));
    return { kind: "later", delay: "busy", after_ms: seconds > 0 ? seconds * 1000 : null };
  }
  if (status === 408 || status === 425 || status >= 500)
    return { kind: "later", delay: "server", after_ms: null };
  const found = (await answer.json()) as { id?: unknown; detail?: unknown };
  if (answer.ok) {
    const expected = entry.said.kind === "team" ? entry.said.team : entry.said.request;
    // A network's own sign-in page also answers 200.
    if (found?.id === expected) return { kind: "taken" };
    return { kind: "later", delay: "offline", after_ms: null };
  }
  // Who refuses is this server only if it says so in its own way.
  if (!(answer.headers.get("Content-Type") ?? "").startsWith("application/problem+json"))
    return { kind: "later", delay: "server", after_ms: null };
  return { kind: "refused", status, detail: String(found.detail ?? status) };
}
