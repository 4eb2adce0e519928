import { fetchJson, HttpError } from "../http";
import type { Change } from "./model";

const AGAIN_MS = 3000;
const CHECK_MS = 10_000;

export interface LiveEvents {
  change(change: Change): void;
  /** What was read is no longer complete: read it again. */
  reset(): void;
  /** Whether changes arrive; `since` is when the last sign of the server came. */
  state(connected: boolean, since: number): void;
}

/**
 * The stream of changes. A browser connects again by itself after a break, but gives up at an
 * answer of an error, and does not notice a line that is silently dead: both are seen to here.
 */
export class Live {
  readonly #layers: string;
  readonly #events: LiveEvents;
  #source: EventSource | null = null;
  #last = "";
  #heard = Date.now();
  #again = 0;
  /** Where the stream was when there was more that it had not told. */
  #behind: string | null = null;
  #checking = 0;

  constructor(layers: readonly string[], events: LiveEvents) {
    this.#layers = layers.join(",");
    this.#events = events;
    addEventListener("offline", () => this.#lost());
    addEventListener("online", () => this.#connect());
  }

  /** Begins after a version of the feed, in place of a stream before. */
  start(since: number): void {
    this.#last = String(since);
    this.#connect();
    clearInterval(this.#checking);
    this.#checking = window.setInterval(() => void this.#check(), CHECK_MS);
  }

  stop(): void {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#again);
    clearInterval(this.#checking);
  }

  #connect(): void {
    this.#source?.close();
    clearTimeout(this.#again);
    const query = new URLSearchParams({ layers: this.#layers, last_event_id: this.#last });
    const source = new EventSource(`/api/live?${query}`);
    this.#source = source;
    source.addEventListener("open", () => this.#alive());
    source.addEventListener("error", () => {
      this.#lost();
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(this.#again);
      this.#again = window.setTimeout(() => this.#connect(), AGAIN_MS);
    });
    source.addEventListener("change", (event) => {
      this.#note(event);
      this.#events.change(JSON.parse(event.data) as Change);
    });
    for (const kind of ["refresh", "reset"])
      source.addEventListener(kind, (event) => {
        this.#note(event as MessageEvent<string>);
        this.#events.reset();
      });
  }

  #note(event: MessageEvent<string>): void {
    if (event.lastEventId) this.#last = event.lastEventId;
    this.#alive();
  }

  #alive(): void {
    this.#heard = Date.now();
    this.#events.state(true, this.#heard);
  }

  #lost(): void {
    this.#events.state(false, this.#heard);
  }

  /** Whether the server answers, and whether the stream has told what there is. */
  async #check(): Promise<void> {
    const at = this.#last;
    const query = new URLSearchParams({
      layers: this.#layers,
      since: at.split(".")[0] ?? at,
      limit: "1",
    });
    try {
      const { changes } = await fetchJson<{ changes: unknown[] }>(`/api/changes?${query}`);
      const isBehind = changes.length > 0 && at === this.#last;
      const isStuck = isBehind && this.#behind === at;
      this.#behind = isBehind ? at : null;
      if (isStuck || this.#source?.readyState !== EventSource.OPEN) this.#lost();
      else this.#alive();
      if (isStuck) this.#connect();
    } catch (error) {
      // Trimmed past where this page is: what was read has to be read again.
      if (error instanceof HttpError && error.status === 410) this.#events.reset();
      else this.#lost();
    }
  }
}
