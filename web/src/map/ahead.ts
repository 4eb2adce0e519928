import { workerAddress } from "./worker-address";

/** The letters of the province's map: of its districts' names, and the digits of clusters. */
const FONT = "/ogc/fonts/Be%20Vietnam%20Pro%20SemiBold";
const LETTERS = ["0-255", "256-511", "7680-7935"].map((range) => `${FONT}/${range}.pbf`);

/** Settles when the modules that are on their way have come, which is before they are run. */
async function modulesCome(): Promise<void> {
  const links = document.querySelectorAll<HTMLLinkElement>("link[rel=modulepreload]");
  const coming = [...links].filter(({ href }) => performance.getEntriesByName(href).length === 0);
  await Promise.all(
    coming.map(
      (link) => new Promise((done) => link.addEventListener("load", done, { once: true })),
    ),
  );
}

/**
 * Readies what the map will ask for, once its modules have been asked for: the browser's drawing
 * while they are on their way, since it takes its time to begin; its worker and letters while they
 * are run, since the line is free then.
 *
 * @param letters whether the map will begin with the whole province.
 */
export async function readyAhead(letters: boolean): Promise<void> {
  const drawing = document.createElement("canvas").getContext("webgl2");
  drawing?.getExtension("WEBGL_lose_context")?.loseContext();
  await modulesCome();
  for (const address of [workerAddress, ...(letters ? LETTERS : [])])
    void fetch(address).catch(() => undefined);
}
