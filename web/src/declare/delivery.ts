import { exchange } from "../exchange";
import { fetchJson } from "../http";
import type { Bilingual } from "../locale";
import { session } from "../menu/session";
import type { Outcome } from "../outbox";
import type { Entry, Receipt } from "./queue";

const POST_MS = 30_000;

/** What `GET /api/declarations/form` says, with the time at which it was asked. */
export interface Form {
  symptoms: (Bilingual & { value: string })[];
  places: number;
  elsewhere: number;
  /** Outbreak areas outside the province, by name; a form that was kept earlier has none. */
  outside?: string[];
  keep_days: number;
  hotline: string;
  asked_at: number;
}

/** Asks for the form; null when the server does not answer. */
export async function askForm(): Promise<Form | null> {
  try {
    const form = await fetchJson<Form>("/api/declarations/form");
    return Array.isArray(form.symptoms) ? { ...form, asked_at: Date.now() } : null;
  } catch {
    return null;
  }
}

/** Sends a declaration. The server takes the same id and content once, however often it comes. */
export async function send(entry: Entry): Promise<Outcome<Receipt>> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (entry.staff) {
    // In an officer's own name; who is signed in no more declares as anybody does.
    const signed = await session().catch(() => null);
    if (signed === null) return { kind: "later", delay: "offline", after_ms: null };
    if (signed.csrf) headers["X-CSRF-Token"] = signed.csrf;
  }
  const body = JSON.stringify(entry.post);
  return exchange<Receipt>("/api/declarations", headers, body, POST_MS, (answer) => {
    const found = answer as Partial<Receipt> & { id?: string };
    // A network's own sign-in page also answers 200.
    if (found.id !== entry.id || !found.received_at || !found.valid_until) return null;
    const { received_at, valid_until, card = null, next = [] } = found;
    return { kind: "sent", receipt: { received_at, valid_until, card, next } };
  });
}

/** Gives a card back, so that it counts no more; false where the server did not hear of it. */
export async function revoke(token: string): Promise<boolean> {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ token });
  const done = await exchange<true>(
    "/api/declarations/card/revoke",
    headers,
    body,
    POST_MS,
    (answer) => ("revoked" in answer ? { kind: "sent", receipt: true } : null),
  );
  // One that the server does not take for a card counts nowhere.
  return done.kind !== "later";
}
