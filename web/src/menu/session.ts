import { fetchJson } from "../http";
import type { Bilingual } from "../locale";

/** Who is signed in, as `/api/session` says. */
export interface Signed {
  signedIn: boolean;
  login: string;
  role: string;
  roleTitle?: Bilingual;
  csrf?: string;
}

/**
 * Asks who is signed in.
 *
 * @throws HttpError when the server does not answer.
 */
export function session(): Promise<Signed> {
  return fetchJson<Signed>("/api/session");
}

/** Ends the session; false when the server did not. */
export async function signOut(csrf: string): Promise<boolean> {
  try {
    const headers = { "X-CSRF-Token": csrf };
    return (await fetch("/api/session", { method: "DELETE", headers })).ok;
  } catch {
    return false;
  }
}
