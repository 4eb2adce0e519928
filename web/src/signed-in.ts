import type { EditContext, Editing } from "./edit/editing";
import { session } from "./menu/session";

/**
 * Adds what a person may do who is signed in; its code is loaded for no one else. Null for the
 * public, and where the server does not answer: the map is then what everybody sees.
 */
export async function signedIn(context: EditContext): Promise<Editing | null> {
  try {
    const signed = await session();
    if (!signed.signedIn) return null;
    const { Editing } = await import("./edit/editing");
    return await Editing.begin(context, signed);
  } catch {
    return null;
  }
}
