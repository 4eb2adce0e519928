// What the service worker keeps of the map's data, for when the network goes: what was seen last.
// Only answers that the server has made for everybody are kept, never those of somebody's session.
import { ExpirationPlugin } from "workbox-expiration";
import { registerRoute } from "workbox-routing";
import { NetworkFirst } from "workbox-strategies";
import { KEPT_AT, type KeptMessage, keyOf, mayKeep, partOf } from "./kept-data";

const DAY_S = 24 * 3600;
/** Seconds that the network has before what was kept is shown. */
const PATIENCE_S = 4;
/** The caches: how many answers each holds at most, and how long. */
const LIMITS = {
  data: { maxEntries: 200, maxAgeSeconds: 2 * DAY_S },
  tiles: { maxEntries: 600, maxAgeSeconds: 2 * DAY_S },
  looks: { maxEntries: 150, maxAgeSeconds: 30 * DAY_S },
} as const;
type Part = keyof typeof LIMITS;
type Options = NonNullable<ConstructorParameters<typeof NetworkFirst>[0]>;
type WorkboxPlugin = NonNullable<Options["plugins"]>[number];

interface Client {
  postMessage(message: KeptMessage): void;
}

interface FetchEvent extends Event {
  readonly request: Request;
  readonly clientId: string;
  waitUntil(done: Promise<unknown>): void;
}

/** What this file needs of a worker's scope. */
export interface RuntimeScope {
  readonly clients: { get(id: string): Promise<Client | undefined> };
  addEventListener(kind: "fetch", listener: (event: FetchEvent) => void): void;
}

/** Notes when an answer was given, in the copy that is kept; what is somebody's own is not kept. */
const publicOnly: WorkboxPlugin = {
  cacheWillUpdate: ({ response }) => {
    if (!mayKeep(response)) return Promise.resolve(null);
    const headers = new Headers(response.headers);
    headers.set(KEPT_AT, new Date().toISOString());
    // An empty tile has no body, not even an empty one.
    const body = response.status === 204 ? null : response.body;
    return Promise.resolve(new Response(body, { status: response.status, headers }));
  },
  cacheKeyWillBeUsed: ({ request }) => Promise.resolve(keyOf(request.url)),
};

/** Keeps what the map reads, and tells the page when it shows what was kept. */
export function keepMapData(scope: RuntimeScope): void {
  const tell: WorkboxPlugin = {
    cachedResponseWillBeUsed: async ({ cachedResponse, event }) => {
      const at = cachedResponse?.headers.get(KEPT_AT);
      if (at)
        (await scope.clients.get((event as FetchEvent).clientId))?.postMessage({ keptAt: at });
      return cachedResponse;
    },
  };
  const bounds = new Map<Part, ExpirationPlugin>();
  for (const part of Object.keys(LIMITS) as Part[]) {
    const bound = new ExpirationPlugin({ ...LIMITS[part], purgeOnQuotaError: true });
    bounds.set(part, bound);
    const plugins = [publicOnly, bound as WorkboxPlugin, ...(part === "looks" ? [] : [tell])];
    registerRoute(
      // A visit to an address is no reading of data: it may want a page for people.
      ({ url, request, sameOrigin }) =>
        sameOrigin && request.mode !== "navigate" && partOf(url) === part,
      new NetworkFirst({ cacheName: `map-${part}`, networkTimeoutSeconds: PATIENCE_S, plugins }),
    );
  }
  // Nothing private is in there; still, whoever leaves leaves nothing behind.
  scope.addEventListener("fetch", (event) => {
    if (!isSignOut(event.request)) return;
    const cleared = [...bounds.values()].map((bound) => bound.deleteCacheAndMetadata());
    event.waitUntil(Promise.all(cleared));
  });
}

function isSignOut({ method, url }: Request): boolean {
  const { pathname } = new URL(url);
  return (
    (method === "POST" && pathname === "/sign-out") ||
    (method === "DELETE" && pathname === "/api/session")
  );
}
