// What of the map's data may stay on a device, and under which address.

/** In an answer that was kept: when it was given, as this device's clock had it. */
export const KEPT_AT = "x-kept-at";

/** What the service worker says to a page whose request it has answered from what was kept. */
export interface KeptMessage {
  keptAt: string;
}

const TILES = /^\/ogc\/collections\/[^/]+\/tiles\//;
const LOOKS = /^\/ogc\/(styles|sprites|fonts)\//;
const ITEM = /^\/ogc\/collections\/[^/]+\/items(\/[^/]+)?$/;

/** Which of the caches an address belongs to; null for none. */
export function partOf({ pathname, searchParams }: URL): "data" | "tiles" | "looks" | null {
  if (TILES.test(pathname)) return "tiles";
  if (LOOKS.test(pathname)) return "looks";
  if (pathname === "/api/map" || pathname === "/api/sight.svg") return "data";
  const item = ITEM.exec(pathname);
  if (!item || searchParams.get("f") !== "json") return null;
  // A feature's card, and the names of places; not whole layers that somebody downloads.
  return item[1] || searchParams.get("skipGeometry") === "true" ? "data" : null;
}

/** The address under which an answer is kept: a layer's last version stands for any. */
export function keyOf(address: string): string {
  const url = new URL(address);
  url.searchParams.delete("v");
  return url.href;
}

/** Whether an answer may be kept: it is whole, and not made for one person. */
export function mayKeep({ status, headers }: Response): boolean {
  return (
    (status === 200 || status === 204) &&
    !/private|no-store/.test(headers.get("cache-control") ?? "no-store")
  );
}
