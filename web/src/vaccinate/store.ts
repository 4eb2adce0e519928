// The registrations of this device: sent once, however many tries it takes, and then known by their
// number alone.

import { openStore, type Store } from "../device-store";
import { exchange } from "../exchange";
import type { Outcome } from "../outbox";
import { type Message, makeQueue, Outbox } from "../outbox-store";
import { recall } from "../recall";

export const FORM = "form";
const TABLE = "registrations";
/** Where a page of an older version has kept them. */
const OLD = "dieuhanh.vaccinate";
const POST_MS = 30_000;

/** The fields of `POST /api/vaccination/registrations`. */
export interface Post {
  id: string;
  name: string;
  birth_year: number;
  phone: string;
  identity?: string;
  commune_code: string;
  address?: string;
  priority_group: string;
  consent: boolean;
}

/** What the server said of a registration that it took. */
export interface Receipt {
  card: { token: string; expires_at: string } | null;
}

/** A registration on this device; what was written leaves it once it is sent. */
export interface Entry extends Message<Post | null, Receipt> {
  name: string;
}

export const registrations = new Outbox<Entry, Receipt>({
  name: "dieuhanh-vaccinate",
  table: TABLE,
  send: ({ id, post }) => send(id, post),
  leaves: () => ({ post: null }),
});

/** Opens what this device keeps of registrations. */
export async function openRegistrations(): Promise<Store> {
  const store = await openStore(registrations.name, (database) => makeQueue(database, TABLE));
  const old = recall<Entry[]>(OLD);
  if (old) {
    const change = store.transaction(TABLE, "readwrite");
    // The newest was the first.
    for (const [at, one] of old.entries())
      await change.store.put({ ...one, made_at: Date.now() - at });
    await change.done;
    localStorage.removeItem(OLD);
  }
  return store;
}

function send(id: string, post: Post | null): Promise<Outcome<Receipt>> {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify(post);
  return exchange<Receipt>("/api/vaccination/registrations", headers, body, POST_MS, (answer) => {
    const found = answer as Partial<Receipt> & { id?: string };
    // A network's own sign-in page also answers 200.
    if (found.id !== id) return null;
    return { kind: "sent", receipt: { card: found.card ?? null } };
  });
}
