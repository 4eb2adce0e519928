// The service worker: the pages that open without a network, and what Background Sync sends.
import { cleanupOutdatedCaches, precacheAndRoute } from "workbox-precaching";
import { flush, QUEUE } from "./sos/queue";
import { openStore, wake } from "./sos/store";
import { keepMapData, type RuntimeScope } from "./sw-runtime";

interface WorkerEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface SyncEvent extends WorkerEvent {
  readonly tag: string;
}

/** What this file needs of a worker's scope; the compiler knows that of pages. */
interface WorkerScope {
  readonly clients: { claim(): Promise<void> };
  addEventListener(kind: "activate", listener: (event: WorkerEvent) => void): void;
  addEventListener(kind: "sync", listener: (event: SyncEvent) => void): void;
}

/** The files of the pages that open without a network; the build puts the list here. */
declare const PRECACHE: { url: string; revision: string | null }[];
declare const self: WorkerScope & RuntimeScope;

cleanupOutdatedCaches();
precacheAndRoute(PRECACHE, {
  cleanURLs: false,
  directoryIndex: "",
  // A link to the page with a campaign or a language in it is the page.
  ignoreURLParametersMatching: [/./],
});

keepMapData(self);

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
