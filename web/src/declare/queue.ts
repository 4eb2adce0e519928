import { sendAlone, soonest, tellOf } from "../outbox";
import { send } from "./delivery";
import { everything, type Store, settle, take } from "./store";

/** The name under which the queue is locked, told of and woken by Background Sync. */
export const QUEUE = "dieuhanh-declare";
export const FORM = "form";

/** Tells every page and the service worker that the queue has changed. */
export const tell = (): void => tellOf(QUEUE);

/** Sends all that is due, one after the other, and gives how many wait still. */
export async function flush(store: Store, changed: () => void = tell): Promise<number> {
  await sendAlone(QUEUE, async (alone) => {
    for (;;) {
      const entry = await take(store, Date.now(), alone);
      if (!entry) break;
      changed();
      await settle(store, entry.id, await send(entry));
      changed();
    }
  });
  return (await everything(store)).filter(({ state }) => state === "waiting").length;
}

/** When the next try is due, in milliseconds from now; null if nothing waits. */
export async function nextIn(store: Store, now = Date.now()): Promise<number | null> {
  return soonest(await everything(store), now);
}
