import type { EditContext, Editing } from "./edit/editing";
import type { Session } from "./edit/server";
import { fetchJson } from "./http";

/** Who is signed in at the map, and what they may do there. */
export interface SignedIn {
  login: string;
  editing: Editing;
}

/**
 * Adds what a person may do who is signed in; its code is loaded for no one else. Null for the
 * public, and where the server does not answer: the map is then what everybody sees.
 */
export async function signedIn(context: EditContext): Promise<SignedIn | null> {
  try {
    const session = await fetchJson<Session>("/api/session");
    if (!session.signedIn) return null;
    const { Editing } = await import("./edit/editing");
    return { login: session.login, editing: await Editing.begin(context, session) };
  } catch {
    return null;
  }
}
