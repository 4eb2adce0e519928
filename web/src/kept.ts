// What the service worker keeps of the map page, for visits without a network.
// The page says what it is made of once it stands; its data is what was last seen.

/** The cache of the page's files, and the one of its data. */
export const FILES = "map-files";
export const DATA = "map-data";
/** Answers of data that are kept, the newest: some 10 KB each. */
export const MOST = 500;
/** In an answer from what is kept: when the server gave it. */
export const KEPT_AT = "x-kept-at";

/** What a page says to the worker. */
export interface Keep {
  keep: string[];
}

const SHARED = /^\/(api\/map|api\/sight\.svg|ogc\/sprites\/|ogc\/fonts\/)/;
const TILES = /^\/ogc\/collections\/[^/]+\/tiles\//;

/** The address under which an answer of data is kept; null: it is none of the map's. */
export function keptAddress(address: string, origin: string): string | null {
  const url = new URL(address);
  if (url.origin !== origin || !(SHARED.test(url.pathname) || TILES.test(url.pathname)))
    return null;
  // The version of the layer: the last that was seen stands for any.
  url.searchParams.delete("v");
  return url.href;
}

/** Whether an answer may stay on the device: what the server has made for everybody. */
export function mayKeep(answer: Response): boolean {
  return (
    answer.status === 200 && !/private|no-store/.test(answer.headers.get("cache-control") ?? "")
  );
}
