// The service worker: the pages that open without a network, and what Background Sync sends.
import { cleanupOutdatedCaches, precacheAndRoute } from "workbox-precaching";
import { flush, QUEUE } from "./sos/queue";
import { openStore, wake } from "./sos/store";

interface WorkerEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface FetchEvent extends WorkerEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface SyncEvent extends WorkerEvent {
  readonly tag: string;
}

/** What this file needs of a worker's scope; the compiler knows that of pages. */
interface WorkerScope {
  readonly clients: { claim(): Promise<void> };
  addEventListener(kind: "install" | "activate", listener: (event: WorkerEvent) => void): void;
  addEventListener(kind: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(kind: "sync", listener: (event: SyncEvent) => void): void;
}

/** The files of the pages that open without a network; the build puts the list here. */
declare const PRECACHE: { url: string; revision: string | null }[];
declare const self: WorkerScope;

cleanupOutdatedCaches();
precacheAndRoute(PRECACHE, {
  cleanURLs: false,
  directoryIndex: "",
  // A link to the page with a campaign or a language in it is the page.
  ignoreURLParametersMatching: [/./],
});

/** The page of help, which the server writes: as it is now, or without a network as it was last. */
const HELP = "/help";
const HELP_CACHE = "dieuhanh-help";

self.addEventListener("install", (event) =>
  event.waitUntil(freshHelp(new Request(HELP)).catch(() => undefined)),
);

self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate" && new URL(event.request.url).pathname === HELP)
    event.respondWith(freshHelp(event.request).catch(lastHelp));
});

async function freshHelp(request: Request): Promise<Response> {
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(HELP_CACHE)).put(HELP, answer.clone());
  return answer;
}

async function lastHelp(): Promise<Response> {
  return (await caches.match(HELP, { ignoreVary: true })) ?? Response.error();
}

// The first visit is kept at once; a newer worker waits until no page of the older one is open.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("sync", (event) => {
  if (event.tag === QUEUE) event.waitUntil(sendAll());
});

/** Sends the queue; fails while something waits, so that the browser tries again. */
async function sendAll(): Promise<void> {
  const store = await openStore();
  await wake(store);
  const left = await flush(store);
  store.close();
  if (left > 0) throw new Error(`${left} wait to be sent`);
}
