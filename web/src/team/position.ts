import type { Place } from "./geo";
import { distance } from "./geo";

/** A position that the device has measured: degrees, metres of accuracy, when. */
export interface Fix extends Place {
  accuracy_m: number;
  at: number;
}

/** The server is told of a team's place no more often than this. */
export const SOONEST_MS = 30_000;
/** A team that stays where it is says so this often. */
export const LATEST_MS = 120_000;
/** Less is not worth telling: about what a phone is wrong by. */
export const MOVED_M = 25;

/** A server that has just taken one, before a reload perhaps, is told again after so long. */
export const AGAIN_MS = 6_000;

/** Whether a place is worth telling, after the last one that was told. */
export function isWorthTelling(fix: Fix, last: Fix | null): boolean {
  if (last === null) return true;
  const since = fix.at - last.at;
  return since >= LATEST_MS || (since >= SOONEST_MS && distance(fix, last) >= MOVED_M);
}

/** Asks the device where it is until it is told to stop. */
export function watch(found: (fix: Fix) => void, failed: (denied: boolean) => void): () => void {
  const id = navigator.geolocation.watchPosition(
    ({ coords }) =>
      found({
        lon: Number(coords.longitude.toFixed(6)),
        lat: Number(coords.latitude.toFixed(6)),
        accuracy_m: Math.round(coords.accuracy),
        at: Date.now(),
      }),
    ({ code, PERMISSION_DENIED }) => failed(code === PERMISSION_DENIED),
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 10_000 },
  );
  return () => navigator.geolocation.clearWatch(id);
}

/** How the sharing of a team's position stands. */
export type Sharing =
  | { kind: "starting" }
  | { kind: "shared"; at: number }
  | { kind: "failed"; why: "offline" | "refused" };

/**
 * Tells the server where a team is, while it is on: the places of the device as they come, thinned
 * out. Nothing is kept of them; what cannot be sent is not sent later.
 */
export class Sharer {
  readonly team: number;
  readonly #post: (team: number, body: object) => Promise<void>;
  readonly #changed: (how: Sharing) => void;
  #last: Fix | null = null;
  #busy = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(
    team: number,
    post: (team: number, body: object) => Promise<void>,
    changed: (how: Sharing) => void,
  ) {
    this.team = team;
    this.#post = post;
    this.#changed = changed;
  }

  async tell(fix: Fix): Promise<void> {
    if (this.#stopped || this.#busy || !isWorthTelling(fix, this.#last)) return;
    this.#busy = true;
    try {
      const { lon, lat, accuracy_m } = fix;
      await this.#post(this.team, { lon, lat, accuracy_m: Math.min(accuracy_m, 100_000) });
      this.#last = fix;
      this.#changed({ kind: "shared", at: Date.now() });
    } catch (error) {
      const { status = 0 } = error as { status?: number };
      if (status === 429) {
        if (!this.#stopped) this.#again = setTimeout(() => void this.tell(fix), AGAIN_MS);
        return;
      }
      const refused = status === 401 || status === 403 || status === 404;
      this.#changed({ kind: "failed", why: refused ? "refused" : "offline" });
    } finally {
      this.#busy = false;
    }
  }

  /** Tells no more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
  }
}
