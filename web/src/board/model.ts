import type { Feature } from "../config";

/** A request for help as the list and the map show it. */
export interface SosRequest {
  id: string;
  code: string;
  category: string;
  priority: string;
  state: string;
  people: number | null;
  commune: string | null;
  district: string | null;
  /** Milliseconds since 1970. */
  reportedAt: number;
  /** Degrees (EPSG:4326): longitude, latitude. */
  position: [number, number];
}

/** Which team has a request, since when and given by whom. */
export interface Assignment {
  team: number;
  name: string;
  by: string;
  since: string;
}

export interface Team {
  id: number;
  code: string;
  name: string;
  kind: string;
  state: string;
  capacity: number;
  position: [number, number];
}

/** What one event of the live feed says. */
export interface Change {
  layer: string;
  id: string | number;
  op: "insert" | "update" | "delete" | "leave";
  version: number;
  feature?: Feature | null;
}

export interface Filter {
  state: string;
  priority: string;
  category: string;
  district: string;
  whose: "" | "mine" | "none";
  text: string;
}

export const NO_FILTER: Filter = {
  state: "",
  priority: "",
  category: "",
  district: "",
  whose: "",
  text: "",
};
/** The choice of the state's filter that shows closed requests. */
export const CLOSED = "closed";
export const OPEN_STATES = ["new", "verified", "assigned", "en_route", "on_site"] as const;
const RANKS: Record<string, number> = { critical: 0, high: 1, medium: 2, low: 3 };
const OPEN: ReadonlySet<string> = new Set(OPEN_STATES);

/** Whether a state is one in which something is still to be done. */
export function isOpen(state: string): boolean {
  return OPEN.has(state);
}

/** Whether a team is on it; of requests that were imported it may not be known which. */
export function hasTeam(state: string): boolean {
  return isOpen(state) && state !== "new" && state !== "verified";
}

/** The states that a desk can take a request to by a step (docs/rescue.md, States). */
export function nextStates(state: string): string[] {
  const ends = ["cancelled", "false"];
  switch (state) {
    case "new":
      return ["verified", ...ends];
    case "verified":
      return ends;
    case "assigned":
      return ["verified", "en_route", ...ends];
    case "en_route":
      return ["verified", "on_site", ...ends];
    case "on_site":
      return ["verified", "resolved", ...ends];
    default:
      return [];
  }
}

/** The most urgent first, then who has waited longest. */
export function byUrgency(a: SosRequest, b: SosRequest): number {
  return (
    (RANKS[a.priority] ?? 9) - (RANKS[b.priority] ?? 9) ||
    a.reportedAt - b.reportedAt ||
    (a.code < b.code ? -1 : 1)
  );
}

/** A text without accents and case, for searching. */
export function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/\u0111/gi, "d")
    .toLowerCase();
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function spot(feature: Feature): [number, number] {
  const { geometry } = feature;
  const [lon = 0, lat = 0] = geometry?.type === "Point" ? geometry.coordinates : [];
  return [lon, lat];
}

export function readRequest(feature: Feature): SosRequest {
  const { properties } = feature;
  return {
    id: String(feature.id),
    code: String(properties.code),
    category: String(properties.category),
    priority: String(properties.priority),
    state: String(properties.state),
    people: typeof properties.people === "number" ? properties.people : null,
    commune: text(properties.commune_code),
    district: text(properties.district_code),
    reportedAt: Date.parse(String(properties.reported_at)),
    position: spot(feature),
  };
}

export function readTeam(feature: Feature): Team {
  const { properties } = feature;
  return {
    id: Number(feature.id),
    code: String(properties.code),
    name: String(properties.name),
    kind: String(properties.kind),
    state: String(properties.state),
    capacity: Number(properties.capacity ?? 0),
    position: spot(feature),
  };
}

/** What an event did to a collection. */
export type Outcome = "new" | "changed" | "gone" | "stale";

/**
 * Things by id, kept in step with the feed. What is read anew may hold changes whose events are
 * still on their way, and a stream that resumes may repeat some: an older version never
 * overwrites a newer one.
 */
export class Kept<T> {
  readonly items = new Map<string, T>();
  readonly #versions = new Map<string, number>();
  readonly #read: (feature: Feature) => T;
  #since = 0;

  constructor(read: (feature: Feature) => T) {
    this.#read = read;
  }

  /** Puts what was read in place of all that was here; `since` is the feed's version before that. */
  reset(features: readonly Feature[], since: number): void {
    this.items.clear();
    this.#versions.clear();
    this.#since = since;
    this.add(features);
  }

  /** Adds what is not here yet. */
  add(features: readonly Feature[]): void {
    for (const feature of features) {
      const id = String(feature.id);
      if (!this.items.has(id)) this.items.set(id, this.#read(feature));
    }
  }

  apply(change: Change): Outcome {
    const id = String(change.id);
    if (change.version < (this.#versions.get(id) ?? this.#since)) return "stale";
    this.#versions.set(id, change.version);
    const known = this.items.has(id);
    if (!change.feature) return this.items.delete(id) ? "gone" : "stale";
    this.items.set(id, this.#read(change.feature));
    return known ? "changed" : "new";
  }
}

/** Whose words a search looks in beside the code. */
export interface Words {
  place(request: SosRequest): string;
  category(code: string): string;
}

/** The requests that a filter lets through, in the order to work on them. */
export function chosen(
  requests: Iterable<SosRequest>,
  filter: Filter,
  assignments: ReadonlyMap<string, Assignment>,
  me: string,
  words: Words,
): SosRequest[] {
  const wanted = plain(filter.text.trim());
  return [...requests]
    .filter((one) => {
      if (isOpen(one.state) === (filter.state === CLOSED)) return false;
      if (filter.state && filter.state !== CLOSED && one.state !== filter.state) return false;
      if (filter.priority && one.priority !== filter.priority) return false;
      if (filter.category && one.category !== filter.category) return false;
      if (filter.district && one.district !== filter.district) return false;
      if (filter.whose === "mine" && assignments.get(one.id)?.by !== me) return false;
      if (filter.whose === "none" && assignments.has(one.id)) return false;
      if (!wanted) return true;
      const team = assignments.get(one.id)?.name ?? "";
      const all = [one.code, words.place(one), words.category(one.category), team].join(" ");
      return plain(all).includes(wanted);
    })
    .sort(byUrgency);
}

const TEAM_RANKS: Record<string, number> = { busy: 0, free: 1, off: 2 };

/** Teams with the requests that each has, those at work first. */
export function loads(
  teams: Iterable<Team>,
  assignments: ReadonlyMap<string, Assignment>,
): { team: Team; tasks: string[] }[] {
  const tasks = new Map<number, string[]>();
  for (const [request, { team }] of assignments)
    tasks.set(team, [...(tasks.get(team) ?? []), request]);
  return [...teams]
    .map((team) => ({ team, tasks: tasks.get(team.id) ?? [] }))
    .sort(
      (a, b) =>
        b.tasks.length - a.tasks.length ||
        (TEAM_RANKS[a.team.state] ?? 9) - (TEAM_RANKS[b.team.state] ?? 9) ||
        a.team.name.localeCompare(b.team.name, "vi"),
    );
}
