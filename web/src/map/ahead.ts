import { workerAddress } from "./worker-address";

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
 * while they are on their way, since it takes its time to begin; its worker while they
 * are run, since the line is free then.
 */
export async function readyAhead(): Promise<void> {
  const drawing = document.createElement("canvas").getContext("webgl2");
  drawing?.getExtension("WEBGL_lose_context")?.loseContext();
  await modulesCome();
  void fetch(workerAddress).catch(() => undefined);
}
