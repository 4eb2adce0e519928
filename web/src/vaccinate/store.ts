// The registrations of this device: sent once, however many tries it takes, and then known by their
// number alone.
import { exchange } from "../exchange";
import {
  begun,
  isDue,
  type Outcome,
  sendAlone,
  settled,
  type Tried,
  untried,
  woken,
} from "../outbox";

const KEPT = "dieuhanh.vaccinate";
/** The name under which the queue is locked. */
export const QUEUE = "dieuhanh-vaccinate";
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

/** A registration on this device. */
export interface Entry extends Tried {
  id: string;
  name: string;
  /** Gone once it is sent. */
  post: Post | null;
  receipt: Receipt | null;
}

/** All of them, the newest first. */
export function entries(): Entry[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]") as Entry[];
  } catch {
    return [];
  }
}

function put(one: Entry): void {
  const others = entries().filter(({ id }) => id !== one.id);
  localStorage.setItem(KEPT, JSON.stringify([one, ...others]));
}

/** Puts a registration into the queue. */
export function enqueue(post: Post): void {
  put({ id: post.id, name: post.name, post, receipt: null, ...untried() });
}

/** Forgets a registration on this device. */
export function forget(id: string): void {
  localStorage.setItem(KEPT, JSON.stringify(entries().filter((one) => one.id !== id)));
}

/** Lets what waits for its next try be tried now. */
export function wake(): void {
  const all = entries();
  if (all.length > 0)
    localStorage.setItem(KEPT, JSON.stringify(all.map((one) => woken(one) ?? one)));
}

/** Sends what is due. */
export async function flush(changed: () => void): Promise<void> {
  await sendAlone(QUEUE, async (alone) => {
    for (const one of entries().reverse()) {
      if (!one.post || !isDue(one, Date.now(), alone)) continue;
      const tried = begun(one, Date.now());
      put(tried);
      changed();
      const outcome = await send(one.post);
      const next = settled(tried, outcome, Date.now());
      if (outcome.kind === "sent") Object.assign(next, { post: null, receipt: outcome.receipt });
      put(next);
      changed();
    }
  });
}

function send(post: Post): Promise<Outcome<Receipt>> {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify(post);
  return exchange<Receipt>("/api/vaccination/registrations", headers, body, POST_MS, (answer) => {
    const found = answer as Partial<Receipt> & { id?: string };
    // A network's own sign-in page also answers 200.
    if (found.id !== post.id) return null;
    return { kind: "sent", receipt: { card: found.card ?? null } };
  });
}
