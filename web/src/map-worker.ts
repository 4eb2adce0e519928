// The map page's files in the service worker: the network first, then what was kept of the last visit.
import { FILES, type Keep } from "./kept";

/** The answer to a request of the map page; null where it is none of this page's. */
export function answer(request: Request, origin: string): Promise<Response> | null {
  if (request.method !== "GET") return null;
  const url = new URL(request.url);
  if (url.origin !== origin) return null;
  if (request.mode === "navigate")
    return url.pathname === "/" ? pageOf(request, `${origin}/`) : null;
  if (url.pathname.startsWith("/assets/")) return fileOf(request);
  return null;
}

/** A file's name holds a digest of what is in it, so the one that is kept is the one that is asked for. */
async function fileOf(request: Request): Promise<Response> {
  const files = await caches.open(FILES);
  return (await files.match(request.url)) ?? fetch(request);
}

async function pageOf(request: Request, address: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(FILES)).match(address);
    if (!kept || request.signal.aborted) throw error;
    return kept;
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
