import type { Keep } from "./kept";

/** The service worker of the whole site; null where the browser has none, or this is no secure page. */
export async function registerWorker(): Promise<ServiceWorkerRegistration | null> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return null;
  try {
    // Without a network the one that is there does; asking for a newer one would only fail.
    const known = navigator.onLine ? undefined : await navigator.serviceWorker.getRegistration();
    return known ?? (await navigator.serviceWorker.register("/sw.js"));
  } catch {
    return null;
  }
}

/** Has the worker keep the page at an address with all the files that it has loaded. */
export async function keepPage(path: string, others: readonly string[]): Promise<void> {
  if ((await registerWorker()) === null) return;
  const { active } = await navigator.serviceWorker.ready;
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const assets = [...loaded, ...others.map((one) => new URL(one, location.href).href)].filter(
    (one) => one.startsWith(`${location.origin}/assets/`),
  );
  const said: Keep = { keep: [...new Set([new URL(path, location.href).href, ...assets])] };
  active?.postMessage(said);
}

interface SyncRegistration extends ServiceWorkerRegistration {
  readonly sync: { register(tag: string): Promise<void> };
}

/** Whether the browser itself can wake the worker once there is a network. */
export function canSync(): boolean {
  return "serviceWorker" in navigator && "SyncManager" in globalThis;
}

/** Asks the browser to wake the worker once there is a network. False where it cannot, or will not. */
export async function requestSync(tag: string): Promise<boolean> {
  if (!canSync()) return false;
  try {
    const registration = (await navigator.serviceWorker.getRegistration()) as SyncRegistration;
    await registration.sync.register(tag);
    return true;
  } catch {
    return false;
  }
}
