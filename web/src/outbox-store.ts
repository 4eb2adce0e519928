// The messages of a page on this device, in a store.
import { KEPT, type Store } from "./device-store";
import {
  begun,
  isDue,
  type Outcome,
  sendAlone,
  settled,
  soonest,
  type Tried,
  tellOf,
  untried,
  woken,
} from "./outbox";

/** For how long it is known on this device what was sent. */
const KEEP_MS = 21 * 86_400_000;

/** A message: sent once, however many tries it takes. */
export interface Message<Post, Receipt> extends Tried {
  /** By which the server takes it once. */
  id: string;
  made_at: number;
  /** What is sent; once a try has begun it never changes. */
  post: Post;
  receipt: Receipt | null;
}

/** Makes a place for a queue, and one for things by name. */
export function makeQueue(database: Store, table: string): void {
  database.createObjectStore(table, { keyPath: "id" });
  database.createObjectStore(KEPT);
}

/** What tells a queue from the others. */
interface Kind<M, Receipt> {
  /** The name under which it is locked, told of and woken by Background Sync. */
  name: string;
  table: string;
  /** A try. The server takes the same id and content once, however often it comes. */
  send: (message: M, store: Store) => Promise<Outcome<Receipt>>;
  /** What of a message stays on the device once it is sent. */
  leaves: (message: M) => Partial<M>;
  /** Whether an older message goes when another one is sent. */
  replaces?: (sent: M, older: M) => boolean;
}

/** A queue in its store, as a page drives it. */
export interface Driven<M> {
  /** The name of the queue. */
  queue: string;
  read: () => Promise<M[]>;
  wake: () => Promise<void>;
  flush: (changed: () => void) => Promise<unknown>;
  nextIn: () => Promise<number | null>;
}

/** The messages of a page: the oldest is sent first. */
export class Outbox<M extends Message<unknown, Receipt>, Receipt> {
  readonly name: string;
  readonly #kind: Kind<M, Receipt>;

  constructor(kind: Kind<M, Receipt>) {
    this.#kind = kind;
    this.name = kind.name;
  }

  /** Tells every page and the service worker that the queue has changed. */
  readonly tell = (): void => tellOf(this.name);

  /** The queue in a store. */
  driven(store: Store): Driven<M> {
    return {
      queue: this.name,
      read: () => this.all(store),
      wake: () => this.wake(store),
      flush: (changed) => this.flush(store, changed),
      nextIn: () => this.nextIn(store),
    };
  }

  /** Puts a message into the queue, in place of a refused one of the same id. */
  async enqueue(
    store: Store,
    made: Omit<M, keyof Tried | "made_at" | "receipt"> & { id: string },
  ): Promise<void> {
    const change = store.transaction(this.#kind.table, "readwrite");
    const before = (await change.store.get(made.id)) as M | undefined;
    if (before === undefined || before.state === "refused")
      await change.store.put({ ...made, made_at: Date.now(), receipt: null, ...untried() });
    await change.done;
  }

  /**
   * The oldest message that is due, now being sent; undefined if none is.
   *
   * `alone` says that nobody else is sending: what is marked so was cut off.
   */
  async take(store: Store, now: number, alone: boolean): Promise<M | undefined> {
    const change = store.transaction(this.#kind.table, "readwrite");
    const all = ((await change.store.getAll()) as M[]).sort((a, b) => a.made_at - b.made_at);
    const due = all.find((one) => isDue(one, now, alone));
    const taken = due && begun(due, now);
    if (taken) await change.store.put(taken);
    await change.done;
    return taken;
  }

  /** Tries to send a message that was taken. */
  send(store: Store, message: M): Promise<Outcome<Receipt>> {
    return this.#kind.send(message, store);
  }

  /** Writes down what came of a try. */
  async settle(store: Store, id: string, outcome: Outcome<Receipt>): Promise<void> {
    const { table, leaves, replaces } = this.#kind;
    const change = store.transaction(table, "readwrite");
    const message = (await change.store.get(id)) as M | undefined;
    if (message) {
      const next = settled(message, outcome, Date.now());
      if (outcome.kind === "sent") {
        Object.assign(next, { receipt: outcome.receipt }, leaves(message));
        for (const one of (await change.store.getAll()) as M[])
          if (one.id !== id && replaces?.(next, one)) await change.store.delete(one.id);
      }
      await change.store.put(next);
    }
    await change.done;
  }

  /** Lets everything that waits be tried now: the network is back, or the page was opened. */
  async wake(store: Store): Promise<void> {
    await wakeTable(store, this.#kind.table);
  }

  /** All messages, the newest first. */
  async all(store: Store): Promise<M[]> {
    const all = (await store.getAll(this.#kind.table)) as M[];
    return all.sort((a, b) => b.made_at - a.made_at);
  }

  /** What was sent more than three weeks ago. */
  async old(store: Store, now: number): Promise<M[]> {
    const all = await this.all(store);
    return all.filter(({ state, tried_at }) => state === "sent" && tried_at + KEEP_MS < now);
  }

  /** Forgets a message on this device. */
  async forget(store: Store, id: string): Promise<void> {
    await store.delete(this.#kind.table, id);
  }

  /** Sends all that is due, one after the other, and gives how many wait still. */
  async flush(store: Store, changed: () => void = this.tell): Promise<number> {
    await sendAlone(this.name, async (alone) => {
      for (;;) {
        const message = await this.take(store, Date.now(), alone);
        if (!message) break;
        changed();
        await this.settle(store, message.id, await this.send(store, message));
        changed();
      }
    });
    return (await this.all(store)).filter(({ state }) => state === "waiting").length;
  }

  /** When the next try is due, in milliseconds from now; null if nothing waits. */
  async nextIn(store: Store, now = Date.now()): Promise<number | null> {
    return soonest(await this.all(store), now);
  }
}

/** Lets everything that waits in a table be tried now. */
export async function wakeTable(store: Store, table: string): Promise<void> {
  const change = store.transaction(table, "readwrite");
  for await (const cursor of change.store.iterate()) {
    const next = woken(cursor.value as Tried);
    if (next) await cursor.update(next);
  }
  await change.done;
}
