// The service worker: the pages that open without a network, and what Background Sync sends.
import { addPlugins, cleanupOutdatedCaches, precacheAndRoute } from "workbox-precaching";
import * as checkIns from "./checkpoint/queue";
import * as checkInStore from "./checkpoint/store";
import { consultations, openConsultations } from "./consult/queue";
import { declarations, openDeclarations } from "./declare/queue";
import type { Store } from "./device-store";
import type { Keep } from "./kept";
import { answer, keep } from "./map-worker";
import { flush as sosFlush } from "./sos/queue";
import { openRequests, requests, wake as sosWake } from "./sos/store";
import { keepMapData, type RuntimeScope } from "./sw-runtime";
import * as teamQueue from "./team/queue";
import * as teamStore from "./team/store";
import { openRegistrations, registrations } from "./vaccinate/store";

interface WorkerEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface SyncEvent extends WorkerEvent {
  readonly tag: string;
}

interface FetchEvent extends WorkerEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface SaidEvent extends WorkerEvent {
  readonly data: Partial<Keep>;
}

/** What this file needs of a worker's scope; the compiler knows that of pages. */
interface WorkerScope {
  readonly clients: { claim(): Promise<void> };
  readonly location: Location;
  addEventListener(kind: "install" | "activate", listener: (event: WorkerEvent) => void): void;
  addEventListener(kind: "sync", listener: (event: SyncEvent) => void): void;
  addEventListener(kind: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(kind: "message", listener: (event: SaidEvent) => void): void;
}

/** The files of the pages that open without a network; the build puts the list here. */
declare const PRECACHE: { url: string; revision: string | null }[];
declare const self: WorkerScope & RuntimeScope;

cleanupOutdatedCaches();
// These are the same for everybody. An answer to somebody who is signed in says that it varies by
// what a request of a page does not have in common with the one that kept it: it would never be found.
addPlugins([
  {
    cacheWillUpdate: async ({ response }) => {
      if (!response.ok) return null;
      const { body, status, statusText } = response;
      const headers = new Headers(response.headers);
      headers.delete("Vary");
      return new Response(body, { status, statusText, headers });
    },
  },
]);
precacheAndRoute(PRECACHE, {
  cleanURLs: false,
  directoryIndex: "",
  // A link to the page with a campaign or a language in it is the page.
  ignoreURLParametersMatching: [/./],
});

keepMapData(self);
/** Pages that the server writes: as they are now, or without a network as they were last. */
const WRITTEN: readonly string[] = ["/help", "/consult"];
const WRITTEN_CACHE = "dieuhanh-written";

self.addEventListener("install", (event) =>
  event.waitUntil(Promise.allSettled(WRITTEN.map((page) => keepPage(page, null)))),
);

/** Keeps a page as everybody gets it: on another, who is signed in is named. */
async function keepPage(page: string, language: string | null): Promise<void> {
  const answer = await fetch(`${page}?lang=${language ?? "vi"}`, { credentials: "omit" });
  if (answer.ok) await (await caches.open(WRITTEN_CACHE)).put(page, answer);
}

async function freshPage(page: string, event: FetchEvent): Promise<Response> {
  const answer = await fetch(event.request);
  if (answer.ok)
    event.waitUntil(keepPage(page, answer.headers.get("Content-Language")).catch(() => undefined));
  return answer;
}

async function lastPage(page: string): Promise<Response> {
  return (await caches.match(page, { ignoreVary: true })) ?? Response.error();
}

const { origin } = self.location;
const ahead = new Set(PRECACHE.map(({ url }) => new URL(url, origin).href));

self.addEventListener("fetch", (event) => {
  // What is kept ahead is answered already.
  if (ahead.has(event.request.url)) return;
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.mode === "navigate" && request.method === "GET" && WRITTEN.includes(pathname)) {
    event.respondWith(freshPage(pathname, event).catch(() => lastPage(pathname)));
    return;
  }
  const found = answer(request, origin);
  if (found) event.respondWith(found);
});

self.addEventListener("message", (event) => {
  const { keep: addresses } = event.data;
  if (addresses) event.waitUntil(keep({ keep: addresses }, origin).catch(() => undefined));
});

// The first visit is kept at once; a newer worker waits until no page of the older one is open.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/** The queues by the tag of their Background Sync: each sends what waits, and fails while some does. */
const QUEUES: Record<string, () => Promise<void>> = {
  [requests.name]: () => drained(openRequests, sosWake, sosFlush),
  [consultations.name]: () => drainedOutbox(openConsultations, consultations),
  [declarations.name]: () => drainedOutbox(openDeclarations, declarations),
  [registrations.name]: () => drainedOutbox(openRegistrations, registrations),
  [teamQueue.QUEUE]: () =>
    drained(teamStore.openStore, teamStore.wake, async (store) => {
      await teamQueue.untilDue(store, 10_000);
      return teamQueue.flush(store);
    }),
  [checkIns.OFFICERS]: () =>
    drained(
      () => checkInStore.openStore(checkIns.OFFICERS),
      checkInStore.wake,
      (store) => checkIns.flushOfficers(store, null, checkIns.tell(checkIns.OFFICERS)),
    ),
  [checkIns.OWN]: () =>
    drained(
      () => checkInStore.openStore(checkIns.OWN),
      checkInStore.wake,
      (store) => checkIns.flushOwn(store, checkIns.tell(checkIns.OWN)),
    ),
};

self.addEventListener("sync", (event) => {
  const drain = QUEUES[event.tag];
  if (drain) event.waitUntil(afterOthers(event.tag).then(drain));
});

/** Waits for a page that is sending: what it fails to send is then sent here, and not at its next try. */
async function afterOthers(queue: string): Promise<void> {
  await navigator.locks?.request(queue, () => undefined);
}

/** Sends a queue; fails while something waits, so that the browser tries again. */
async function drained<Store extends { close(): void }>(
  open: () => Promise<Store>,
  wake: (store: Store) => Promise<void>,
  flush: (store: Store) => Promise<number>,
): Promise<void> {
  const store = await open();
  try {
    await wake(store);
    const left = await flush(store);
    if (left > 0) throw new Error(`${left} wait to be sent`);
  } finally {
    store.close();
  }
}

interface Queue {
  wake(store: Store): Promise<void>;
  flush(store: Store): Promise<number>;
}

function drainedOutbox(open: () => Promise<Store>, queue: Queue): Promise<void> {
  return drained(
    open,
    (store) => queue.wake(store),
    (store) => queue.flush(store),
  );
}
