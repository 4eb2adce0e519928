import { type Alert, inForceFilter, readAlert } from "./alert-model";
import { type Api, Refused, type Waiting } from "./api";
import { Live } from "./live";
import {
  type Assignment,
  type Change,
  isOpen,
  Kept,
  OPEN_STATES,
  readRequest,
  readTeam,
  type SosRequest,
  type Team,
} from "./model";

const SOON_MS = 150;
/** How often what the feed does not tell of (notes, hand-overs, posts that wait) is asked for. */
const ASK_MS = 30_000;
const MOST_WAITING = "100";
const ENDS = "'resolved','cancelled','duplicate','false'";

export interface DataEvents {
  /** Requests, teams or assignments are others than before. */
  changed(): void;
  /** One request is another than before, or nobody knows which. */
  touched(id: string | null): void;
  arrived(request: SosRequest): void;
  waiting(): void;
  alerts(version: number): void;
  connected(yes: boolean, since: number): void;
  /** The session has ended, or reading failed for good. */
  ended(): void;
}

/** What the board shows, read once and then kept in step. */
export class BoardData {
  readonly requests = new Kept<SosRequest>(readRequest);
  readonly teams = new Kept<Team>(readTeam);
  readonly alerts = new Kept<Alert>(readAlert);
  assignments: ReadonlyMap<string, Assignment> = new Map();
  waiting: Waiting[] = [];
  readonly #api: Api;
  readonly #events: DataEvents;
  readonly #live: Live;
  #connected = true;
  #soon = 0;

  constructor(api: Api, events: DataEvents) {
    this.#api = api;
    this.#events = events;
    this.#live = new Live(["sos_requests", "rescue_teams", "alerts"], {
      change: (change) => this.#change(change),
      reset: () => void this.#again(),
      state: (connected, since) => this.#state(connected, since),
    });
  }

  /** Reads everything, then follows the feed from where it was before that. */
  async load(): Promise<void> {
    const { next } = await this.#api.read<{ next: number }>("/api/changes");
    const open = OPEN_STATES.map((state) => `'${state}'`).join(",");
    const [requests, teams, alerts, assignments] = await Promise.all([
      this.#api.features("sos_requests", { filter: `state IN (${open})` }),
      this.#api.features("rescue_teams", {}),
      this.#api.features("alerts", { filter: inForceFilter(Date.now() + this.#api.ahead) }),
      this.#api.assignments(),
    ]);
    this.requests.reset(requests, next);
    this.teams.reset(teams, next);
    this.alerts.reset(alerts, next);
    this.assignments = assignments;
    this.#live.start(next);
    this.#events.changed();
  }

  /** Begins to ask now and then for what the feed does not tell of. */
  watch(): void {
    void this.readWaiting();
    window.setInterval(() => {
      if (document.hidden) return;
      this.readAssignments();
      void this.readWaiting();
      this.#events.touched(null);
    }, ASK_MS);
  }

  stop(): void {
    this.#live.stop();
  }

  /** Adds the requests that were closed last. */
  async loadClosed(): Promise<void> {
    const query = { filter: `state IN (${ENDS})`, sortby: "-updated_at", limit: "100" };
    this.requests.add(await this.#api.features("sos_requests", query));
    this.#events.changed();
  }

  async readWaiting(): Promise<void> {
    try {
      const path = `/api/sos/intake?limit=${MOST_WAITING}`;
      const { waiting } = await this.#api.read<{ waiting: Waiting[] }>(path);
      this.waiting = waiting;
      this.#events.waiting();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Reads which team has what, a moment later, once for all that happens until then. */
  readAssignments(): void {
    clearTimeout(this.#soon);
    this.#soon = window.setTimeout(async () => {
      try {
        this.assignments = await this.#api.assignments();
        this.#events.changed();
      } catch (error) {
        this.#fail(error);
      }
    }, SOON_MS);
  }

  #change(change: Change): void {
    if (change.layer === "alerts") {
      this.alerts.apply(change);
      this.#events.alerts(change.version);
      this.#events.changed();
    }
    if (change.layer === "rescue_teams") {
      const before = this.teams.items.get(String(change.id))?.state;
      if (this.teams.apply(change) === "stale") return;
      if (before !== this.teams.items.get(String(change.id))?.state) this.readAssignments();
      this.#events.changed();
    }
    if (change.layer !== "sos_requests") return;
    const id = String(change.id);
    const before = this.requests.items.get(id)?.state;
    const outcome = this.requests.apply(change);
    if (outcome === "stale") return;
    const request = this.requests.items.get(id);
    if (request && before !== request.state) this.readAssignments();
    this.#events.changed();
    this.#events.touched(id);
    const isFresh = outcome === "new" && change.op === "insert";
    if (isFresh && request && isOpen(request.state)) this.#events.arrived(request);
  }

  #state(connected: boolean, since: number): void {
    const was = this.#connected;
    this.#connected = connected;
    this.#events.connected(connected, since);
    // A stream that begins again may be that of somebody who is no longer signed in.
    if (connected && !was) void this.#back();
  }

  async #back(): Promise<void> {
    try {
      const session = await this.#api.session();
      if (!session.signedIn) this.#events.ended();
      else this.readAssignments();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #again(): Promise<void> {
    try {
      await this.load();
      this.#events.touched(null);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!(error instanceof Refused)) throw error;
    if (error.status === 401) this.#events.ended();
  }
}
