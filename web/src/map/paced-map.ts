import type { MapOptions } from "maplibre-gl";
import { MapLibre } from "./library";

/** Shares of the screen's pixels in a row that are drawn: all of them, half and a quarter of the area. */
const SHARES = [1, 0.7, 0.5] as const;
const SLOW_MS = 33;
const FAST_MS = 20;
/** So many frames, the newest, tell by their median whether the device keeps pace. */
const ENOUGH = 5;
/** The map is at rest when it has not moved for so long: wheels and fingers come in bursts. */
const REST_MS = 150;

/** How fine a map can be drawn while it moves, from how long its frames take. */
export class Pace {
  #level = 0;
  #newest: number[] = [];

  /** The share of the screen's pixels in a row. */
  get share(): number {
    return SHARES[this.#level] ?? 1;
  }

  /** A frame of a moving map took this long. */
  took(ms: number): void {
    this.#newest = [...this.#newest, ms].slice(-ENOUGH);
    if (this.#median() > SLOW_MS) this.#turn(1);
  }

  /** The map rests: what came easily is tried finer the next time. */
  rest(): void {
    if (this.#median() < FAST_MS) this.#turn(-1);
    this.#newest = [];
  }

  #turn(step: number): void {
    this.#level = Math.min(SHARES.length - 1, Math.max(0, this.#level + step));
    this.#newest = [];
  }

  /** NaN, which is neither more nor less than anything, until there are enough. */
  #median(): number {
    if (this.#newest.length < ENOUGH) return NaN;
    return [...this.#newest].sort((a, b) => a - b)[ENOUGH >> 1] ?? NaN;
  }
}

/** A map that is drawn coarser while it moves where the device cannot keep pace, and fine at rest. */
export class PacedMap extends MapLibre {
  readonly #pace = new Pace();
  #drawn = 1;
  #rest = 0;
  // Not private to the language: the library's constructor may ask before it is there.
  private turning = false;

  constructor(options: MapOptions) {
    super(options);
    // A move is told of before its frame is drawn: a canvas of another size would be empty after it.
    this.on("move", () => {
      if (this.turning) return;
      clearTimeout(this.#rest);
      this.#draw(this.#pace.share);
      const began = performance.now();
      requestAnimationFrame(() => this.#pace.took(performance.now() - began));
    });
    this.on("moveend", () => {
      if (!this.turning) this.#rest = window.setTimeout(() => this.#atRest(), REST_MS);
    });
  }

  #atRest(): void {
    if (this.isMoving()) return;
    this.#pace.rest();
    this.#draw(1);
  }

  #draw(share: number): void {
    if (share === this.#drawn) return;
    this.#drawn = share;
    this.turning = true;
    // Null is the screen's own ratio, also of another screen that the window is moved to.
    this.setPixelRatio(share === 1 ? (null as unknown as number) : devicePixelRatio * share);
    this.turning = false;
  }

  /** Whether it is drawn with all pixels of the screen. */
  get isFine(): boolean {
    return this.#drawn === 1;
  }

  /** Not for another fineness: the library would end the gesture that is under way. */
  override stop(): this {
    return this.turning ? this : super.stop();
  }
}
