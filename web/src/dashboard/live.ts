// Tells when figures may have changed: a layer did, a minute has gone by, the server is back.
const AGAIN_MS = 3000;
/** A stream that comes back sooner was not lost: one of someone signed in ends every ten minutes. */
const GRACE_MS = 3000;
const MINUTE_MS = 60_000;

/** Listens to /api/live for these layers, for as long as the page is open. */
export class LiveLayers {
  #source: EventSource | null = null;
  #layers = "";
  #grace = 0;

  constructor(
    readonly changed: () => void,
    readonly connected: (is: boolean) => void,
  ) {
    // The figures of the last hours change without any commit, at each full minute.
    const wait = MINUTE_MS - (Date.now() % MINUTE_MS) + 500;
    setTimeout(() => {
      changed();
      setInterval(changed, MINUTE_MS);
    }, wait);
    addEventListener("online", () => this.#open());
  }

  /** Takes up these layers; does nothing where they are the same. */
  watch(layers: string[]): void {
    const names = layers.join(",");
    if (names === this.#layers) return;
    this.#layers = names;
    this.#open();
  }

  #open(): void {
    if (this.#layers === "") return;
    this.#source?.close();
    const source = new EventSource(`/api/live?layers=${this.#layers}`);
    this.#source = source;
    let opened = false;
    source.addEventListener("open", () => {
      clearTimeout(this.#grace);
      this.#grace = 0;
      this.connected(true);
      // What came meanwhile is in the figures: they are read anew. The first time they just were.
      if (opened) this.changed();
      opened = true;
    });
    for (const event of ["change", "refresh", "reset"])
      source.addEventListener(event, () => this.changed());
    source.addEventListener("error", () => {
      this.#grace ||= window.setTimeout(() => this.connected(false), GRACE_MS);
      // It connects again by itself unless it was answered with an error.
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(() => {
        if (this.#source === source) {
          this.#open();
          this.changed();
        }
      }, AGAIN_MS);
    });
  }
}
