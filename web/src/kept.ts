// What the service worker keeps of the map page, for visits without a network.
// The page says what it is made of once it stands; its data is `kept-data.ts`'s.

/** The cache of the page's files. */
export const FILES = "map-files";
/** What a page says to the worker. */
export interface Keep {
  keep: string[];
}
