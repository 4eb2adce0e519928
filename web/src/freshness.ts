import { formatAgo, formatInstant } from "./format";
import type { KeptMessage } from "./kept-data";
import { t } from "./language";

const FIRST_MS = 3000;
const LONGEST_MS = 30_000;
const PROBE_MS = 8000;
const TICK_MS = 15_000;

export interface FreshnessEvents {
  /** Says how old what is shown is; null when it is fresh. */
  say(text: string | null): void;
  /** Reads everything again. */
  back(): void;
}

/**
 * How old what the page shows is. While the server is away that is said, and the server is tried
 * again, at growing intervals and whenever the device finds a network.
 */
export class Freshness {
  #events: FreshnessEvents | null = null;
  #timeZone = "UTC";
  #since = Date.now();
  #away = false;
  #pause = FIRST_MS;
  #timer = 0;
  #ticking = 0;
  #trying = false;

  /** Begins to listen; a page does so before its first request. */
  constructor() {
    addEventListener("offline", () => this.lost());
    addEventListener("online", () => void this.#try());
    if ("serviceWorker" in navigator) {
      navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent) =>
        this.kept((data as Partial<KeptMessage> | null)?.keptAt ?? ""),
      );
      navigator.serviceWorker.startMessages();
    }
  }

  /** Names who is told, in which time zone; what has been noticed before is told at once. */
  attach(timeZone: string, events: FreshnessEvents): void {
    this.#timeZone = timeZone;
    this.#events = events;
    if (this.#away) this.render();
  }

  /** All that is shown has come from the server, or been checked with it, just now. */
  heard(): void {
    this.#since = Date.now();
  }

  /** The server has not answered. */
  lost(): void {
    if (this.#away) return;
    this.#away = true;
    this.#ticking = window.setInterval(() => this.render(), TICK_MS);
    this.render();
    this.#later();
  }

  /** The server can be reached: by another way than the page's own requests. */
  reached(): void {
    if (this.#away) void this.#try();
    else this.heard();
  }

  /** What is shown was kept: it is as old as that. */
  kept(keptAt: string): void {
    const at = Date.parse(keptAt);
    if (Number.isNaN(at)) return;
    this.#since = Math.min(this.#since, at);
    if (this.#away) this.render();
    else this.lost();
  }

  /** Says it in the language in use. */
  render(): void {
    if (!this.#away) {
      this.#events?.say(null);
      return;
    }
    const at = formatInstant(new Date(this.#since).toISOString(), this.#timeZone);
    const ago = formatAgo(Date.now() - this.#since);
    this.#events?.say(t("dataAway", { at, ago }));
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#try(), this.#pause);
    this.#pause = Math.min(LONGEST_MS, this.#pause * 2);
  }

  async #try(): Promise<void> {
    if (!this.#away || this.#trying) return;
    this.#trying = true;
    try {
      // Not one of the addresses that the worker answers.
      const signal = AbortSignal.timeout(PROBE_MS);
      const { ok } = await fetch("/readyz", { cache: "no-store", signal });
      if (!ok || !this.#events) throw new Error("not ready");
      this.#away = false;
      this.heard();
      this.#events.back();
      this.#fresh();
    } catch {
      this.#away = true;
      this.#later();
    } finally {
      this.#trying = false;
    }
  }

  #fresh(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#ticking);
    this.#pause = FIRST_MS;
    this.render();
  }
}
