import { exchange } from "../exchange";
import type { Fault, Outcome } from "../outbox";
import type { Addition, Post, Receipt } from "./store";

const POST_MS = 30_000;
const PHOTO_MS = 120_000;

/** What `GET /api/sos/form` says, with the time at which it was asked. */
export interface Form {
  token: string;
  valid_after_s: number;
  valid_for_s: number;
  categories: { value: string; vi: string; en: string }[];
  photos: { most: number; mb: number };
  hotline: string;
  asked_at: number;
}

/** Asks for the form; null when the server does not answer. */
export async function askForm(): Promise<Form | null> {
  try {
    const answer = await fetch("/api/sos/form", {
      cache: "no-store",
      signal: AbortSignal.timeout(POST_MS),
    });
    if (!answer.ok) return null;
    const form = (await answer.json()) as Form;
    return Array.isArray(form.categories) ? { ...form, asked_at: Date.now() } : null;
  } catch {
    return null;
  }
}

/** The form's token if it proves a delay by now. */
export function proofOf(form: Form | undefined, now: number): string | null {
  if (!form) return null;
  const age = (now - form.asked_at) / 1000;
  return age > form.valid_after_s + 0.5 && age < form.valid_for_s ? form.token : null;
}

/** Sends a request. The server takes the same id and content once, however often it comes. */
export async function sendRequest(post: Post, proof: string | null): Promise<Outcome<Receipt>> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (proof) headers["X-Form-Token"] = proof;
  return exchange<Receipt>("/api/sos", headers, JSON.stringify(post), POST_MS, (body) => {
    const found = body as Partial<Receipt> & { id?: string; flags?: string[] };
    // A network's own sign-in page also answers 200.
    if (found.id !== post.id || typeof found.code !== "string") return null;
    return {
      kind: "sent",
      receipt: {
        code: found.code,
        state: found.state ?? "new",
        received_at: found.received_at ?? new Date().toISOString(),
        outside: found.flags?.includes("outside") ?? false,
        follow: found.follow ?? null,
      },
    };
  });
}

/** Sends fields, a note or a photo to the request of a follow token. */
export async function sendAddition(addition: Addition, token: string): Promise<Outcome<null>> {
  const headers: Record<string, string> = { "X-Follow-Token": token };
  let body: string | FormData;
  if (addition.photo) {
    body = new FormData();
    body.append("photos", addition.photo, "photo.jpg");
  } else {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify({ ...addition.details, id: addition.id, note: addition.note ?? "" });
  }
  const patience = addition.photo ? PHOTO_MS : POST_MS;
  return exchange<null>("/api/sos/follow", headers, body, patience, (found) => {
    const { code, refused } = found as { code?: string; refused?: Fault[] };
    if (typeof code !== "string") return null;
    return refused?.length
      ? { kind: "refused", status: 422, faults: refused }
      : { kind: "sent", receipt: null };
  });
}
