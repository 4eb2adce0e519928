// What the queues of this device have in common: who sends, and how the others hear of it.

/** Tells every page and the service worker that a queue has changed. */
export function tellOf(queue: string): void {
  const channel = new BroadcastChannel(queue);
  channel.postMessage(null);
  channel.close();
}

/**
 * Sends what is due of a queue. Only one page or worker of a device sends at a time, where the browser
 * has locks; where it has none, the server's own rule that the same id is one message is enough.
 * Nothing is tried that cannot succeed.
 */
export async function sendAlone(
  queue: string,
  send: (alone: boolean) => Promise<void>,
): Promise<void> {
  if (globalThis.navigator?.onLine === false) return;
  if (globalThis.navigator?.locks)
    await navigator.locks.request(queue, { ifAvailable: true }, (lock) =>
      lock === null ? undefined : send(true),
    );
  else await send(false);
}
