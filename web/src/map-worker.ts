// The map's part of the service worker: the network first, then what was seen last.
import { DATA, FILES, KEPT_AT, type Keep, keptAddress, MOST, mayKeep } from "./kept";

/** Puts between two times that the cache is cut to its size. */
const CUT_EVERY = 50;

let puts = 0;

/** The answer to a request of the map page; null where it is none of this page's. */
export function answer(request: Request, origin: string): Promise<Response> | null {
  if (request.method !== "GET") return null;
  const url = new URL(request.url);
  if (url.origin !== origin) return null;
  if (request.mode === "navigate")
    return url.pathname === "/" ? networkFirst(request, FILES, `${origin}/`, false) : null;
  if (url.pathname.startsWith("/assets/")) return fileOf(request);
  const kept = keptAddress(request.url, origin);
  return kept === null ? null : networkFirst(request, DATA, kept, true);
}

/** A file's name holds a digest of what is in it, so the one that is kept is the one that is asked for. */
async function fileOf(request: Request): Promise<Response> {
  const files = await caches.open(FILES);
  return (await files.match(request.url)) ?? fetch(request);
}

async function networkFirst(
  request: Request,
  name: string,
  address: string,
  store: boolean,
): Promise<Response> {
  const cache = await caches.open(name);
  try {
    const fresh = await fetch(request);
    if (store && mayKeep(fresh)) void put(cache, address, fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await cache.match(address);
    if (!kept || request.signal.aborted) throw error;
    const headers = new Headers(kept.headers);
    headers.set(KEPT_AT, kept.headers.get("date") ?? "");
    return new Response(kept.body, { status: kept.status, headers });
  }
}

async function put(cache: Cache, address: string, fresh: Response): Promise<void> {
  try {
    // Deleted first, so that the order of the keys is that of their age.
    await cache.delete(address);
    await cache.put(address, fresh);
    puts += 1;
    if (puts % CUT_EVERY > 0) return;
    const keys = await cache.keys();
    for (const old of keys.slice(0, Math.max(0, keys.length - MOST))) await cache.delete(old);
  } catch {
    // No room: it is kept another time.
  }
}

/** Keeps the files that the page is made of, and no others: all of them, or what was kept before. */
export async function keep({ keep: addresses }: Keep, origin: string): Promise<void> {
  const own = addresses.filter((one) => new URL(one).origin === origin);
  const answers = await Promise.all(own.map((one) => fetch(one)));
  if (!answers.every((one) => one.ok)) return;
  const cache = await caches.open(FILES);
  await Promise.all(own.map((one, at) => cache.put(one, answers[at] as Response)));
  for (const { url } of await cache.keys()) if (!own.includes(url)) await cache.delete(url);
}
