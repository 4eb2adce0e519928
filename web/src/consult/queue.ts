import { openStore, type Store } from "../device-store";
import { exchange } from "../exchange";
import { type Message, makeQueue, Outbox } from "../outbox-store";

const TABLE = "consultations";
const POST_MS = 30_000;

/** The fields of `POST /api/consultations`. */
export interface Post {
  id: string;
  name: string;
  phone: string;
  age: number;
  sex?: string;
  commune_code: string;
  address?: string;
  symptoms: string[];
  spo2?: number;
  since?: string;
  pregnant: boolean;
  conditions: string[];
  note?: string;
  call_from?: string;
  consent: boolean;
}

/** What the server said of a request that it took. */
export interface Receipt {
  code: string;
  danger: boolean;
  /** What opens the request's page. */
  token: string;
}

/** A request for a doctor's call on this device; what was written leaves it once it is sent. */
export interface Entry extends Message<Post | null, Receipt> {
  /** Whether a danger sign was ticked. */
  danger: boolean;
}

export const consultations = new Outbox<Entry, Receipt>({
  name: "dieuhanh-consult",
  table: TABLE,
  send: ({ id, post }) => {
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify(post);
    return exchange<Receipt>("/api/consultations", headers, body, POST_MS, (answer) => {
      const { danger, ...found } = answer as Partial<Receipt & { id: string }>;
      const { follow } = answer as { follow?: { token?: string } };
      // A network's own sign-in page also answers 200.
      if (found.id !== id || !found.code || !follow?.token) return null;
      const receipt = { code: found.code, danger: danger === true, token: follow.token };
      return { kind: "sent", receipt };
    });
  },
  leaves: () => ({ post: null }),
});

/** Opens what this device keeps of requests for a doctor's call. */
export function openConsultations(name = consultations.name): Promise<Store> {
  return openStore(name, (database) => makeQueue(database, TABLE));
}

/** Forgets what was sent more than three weeks ago. */
export async function forgetOld(store: Store, now = Date.now()): Promise<void> {
  for (const { id } of await consultations.old(store, now)) await consultations.forget(store, id);
}
