import { openStore, type Store } from "../device-store";
import type { Bilingual } from "../locale";
import { type Message, makeQueue, Outbox } from "../outbox-store";
import { send } from "./delivery";

export const FORM = "form";
const TABLE = "declarations";

/** The fields of `POST /api/declarations`. */
export interface Post {
  id: string;
  who: "self" | "family" | "other";
  name: string;
  birth_year?: number;
  sex?: string;
  phone?: string;
  identity?: string;
  commune_code: string;
  address?: string;
  symptoms: string[];
  contact: boolean;
  places: string[];
  elsewhere: string[];
  made_at: string;
  card?: string;
  consent: boolean;
}

/** What the server said of a declaration that it took. */
export interface Receipt {
  received_at: string;
  valid_until: string;
  /** Missing once it was revoked. */
  card: { token: string; expires_at: string } | null;
  next: (Bilingual & { code: string })[];
}

/** A declaration on this device; what was declared leaves it once it is sent. */
export interface Entry extends Message<Post | null, Receipt> {
  /** Whose it is; it stays when all else that was written is gone. */
  name: string;
  /** Whether an officer declares, in their own name. */
  staff: boolean;
}

/** The declarations; of the same person the last one stays. */
export const declarations = new Outbox<Entry, Receipt>({
  name: "dieuhanh-declare",
  table: TABLE,
  send,
  leaves: () => ({ post: null }),
  replaces: (sent, older) => older.state === "sent" && older.name === sent.name,
});

/** Opens what this device keeps of declarations. */
export function openDeclarations(name = declarations.name): Promise<Store> {
  return openStore(name, (database) => makeQueue(database, TABLE));
}

/** Forgets what was sent more than three weeks ago, with a card that is over. */
export async function forgetOld(store: Store, now = Date.now()): Promise<void> {
  for (const { id, receipt } of await declarations.old(store, now))
    if (!receipt?.card || Date.parse(receipt.card.expires_at) < now)
      await declarations.forget(store, id);
}
