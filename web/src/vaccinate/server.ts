import type { Bilingual } from "../locale";

const PATIENCE_MS = 20_000;

export type Code = Bilingual & { value: string };

/** What `GET /api/vaccination/form` says. */
export interface Form {
  groups: Code[];
  vaccines: Code[];
  states: Code[];
  corrections: Code[];
  keep_days: number;
  hotline: string;
}

/** How a registration stands, as `POST /api/vaccination/own` says. */
export interface Own {
  state: string;
  next_dose: number;
  not_before: string | null;
  slot_at: string | null;
  point: { name: string; address: string | null } | null;
  doses: { number: number; vaccine: string; given_on: string }[];
  corrections: number;
}

/** What came of a list. */
export interface Taken {
  read: number;
  bad: number;
  written: boolean;
  problems: { line: number; column: string | null; rule: Bilingual }[];
}

/** What the server answers: its status (0: it did not) and its JSON. */
export interface Said<T> {
  status: number;
  body: T | null;
}

/** Posts something of the person's own; numbers go in the body, never in an address. */
export async function post<T>(path: string, body: unknown): Promise<Said<T>> {
  const isFile = body instanceof Blob;
  const type = isFile && body.type ? body.type : "application/json";
  try {
    const answer = await fetch(`/api/vaccination/${path}`, {
      method: "POST",
      headers: { "Content-Type": type },
      body: isFile ? body : JSON.stringify(body),
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { status: answer.status, body: (await answer.json().catch(() => null)) as T | null };
  } catch {
    return { status: 0, body: null };
  }
}
