// Tells which layers have changed, so that the open map draws them again without being reloaded.

/** What changes within this time is drawn together. */
const GATHER_MS = 100;
/** Milliseconds from one drawing to the next: in a rush the newest state counts, not each step. */
const PAUSE_MS = 1000;
const AGAIN_MS = 3000;

/** Listens to /api/live for as long as the page is open. */
export class LiveLayers {
  readonly #layers: readonly string[];
  readonly #changed: (layers: ReadonlySet<string>) => void;
  readonly #connected: () => void;
  readonly #feature: (layer: string, id: string) => void;
  #source: EventSource | null = null;
  #waiting = new Set<string>();
  #last = "";
  #timer = 0;
  #drawn = -PAUSE_MS;

  /**
   * @param changed is told of the layers that have changed, soon and at most once a second.
   * @param connected is called whenever the stream has been opened.
   * @param feature is told at once of each feature that has changed.
   */
  constructor(
    layers: readonly string[],
    changed: (layers: ReadonlySet<string>) => void,
    connected: () => void,
    feature: (layer: string, id: string) => void = () => undefined,
  ) {
    this.#layers = layers;
    this.#changed = changed;
    this.#connected = connected;
    this.#feature = feature;
    this.#open();
    // A network that comes back may have left the stream hanging.
    addEventListener("online", () => this.#open());
  }

  #open(): void {
    this.#source?.close();
    const query = new URLSearchParams({ layers: this.#layers.join() });
    if (this.#last) query.set("last_event_id", this.#last);
    const source = new EventSource(`/api/live?${query}`);
    this.#source = source;
    source.addEventListener("open", () => this.#connected());
    for (const kind of ["change", "refresh", "reset"])
      source.addEventListener(kind, ({ data, lastEventId }: MessageEvent<string>) => {
        this.#last = lastEventId || this.#last;
        const told = kind === "reset" ? null : (JSON.parse(data) as { layer: string; id: string });
        this.#take(told ? [told.layer] : this.#layers);
        if (told && kind === "change") this.#feature(told.layer, String(told.id));
      });
    source.addEventListener("error", () => {
      // A browser resumes by itself after a break, but not after an answer of an error.
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(() => {
        if (this.#source === source) this.#open();
      }, AGAIN_MS);
    });
  }

  #take(layers: readonly string[]): void {
    for (const layer of layers) this.#waiting.add(layer);
    const rest = this.#drawn + PAUSE_MS - performance.now();
    this.#timer ||= window.setTimeout(() => this.#tell(), Math.max(GATHER_MS, rest));
  }

  #tell(): void {
    this.#timer = 0;
    this.#drawn = performance.now();
    const layers = this.#waiting;
    this.#waiting = new Set();
    this.#changed(layers);
  }
}
