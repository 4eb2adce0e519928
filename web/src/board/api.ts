import type { Feature } from "../config";
import { type Bilingual, language } from "../locale";
import type { Assignment } from "./model";

const PATIENCE_MS = 15_000;
const PAGE = 1000;
const MOST_PAGES = 20;

/** Who is signed in, as `/api/session` says. */
export interface Session {
  signedIn: boolean;
  login: string;
  role: string;
  roleTitle?: Bilingual;
  /** Codes of the districts that the person works in; none: everywhere. */
  districts?: string[];
  csrf?: string;
}

/** Everything of a request: `GET /api/sos/{id}`. */
export interface Detail {
  id: string;
  code: string;
  category: string;
  priority: string;
  state: string;
  people: number | null;
  injured: number | null;
  children: number | null;
  elderly: number | null;
  channel: string | null;
  accuracy_m: number | null;
  reported_at: string;
  commune_code: string | null;
  district_code: string | null;
  lon: number;
  lat: number;
  report: Report | null;
  team: {
    id: number;
    name: string;
    since: string;
    leader: string | null;
    phone: string | null;
  } | null;
  merged_into: string | null;
  merged: string[];
  photos: { id: string; width: number; height: number; at: string }[];
  steps: Step[];
}

export interface Report {
  name: string | null;
  phone: string | null;
  note: string | null;
  needs: string[] | null;
  address: string | null;
  on_behalf_of: string | null;
  purged_at: string | null;
}

export interface Step {
  at: string;
  actor: string | null;
  kind: string;
  from: string | null;
  to: string | null;
  note: string | null;
}

export interface NearTeam {
  id: number;
  code: string;
  name: string;
  kind: string;
  capacity: number;
  carries_all: boolean;
  distance_m: number;
  travel_min: number;
  by: "road" | "straight";
}

/** A team that has tasks already. */
export interface BusyTeam extends NearTeam {
  tasks: { code: string; state: string }[];
}

export interface Candidate {
  id: string;
  code: string;
  category: string;
  state: string;
  priority: string;
  people: number | null;
  reported_at: string;
  distance_m: number;
  minutes: number;
  score: number;
  reasons: string[];
}

/** A post that waits for a moderator. */
export interface Waiting {
  id: string;
  code: string;
  reasons: string[];
  category: string;
  people: number | null;
  name: string | null;
  phone: string | null;
  note: string | null;
  address: string | null;
  received_at: string;
}

/** The server's refusal, with what its problem details say. Status 0: it did not answer. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly problem: Record<string, unknown>;

  constructor(status: number, problem: Record<string, unknown>) {
    super(String(problem.detail ?? status));
    this.status = status;
    this.problem = problem;
  }

  /** The sentence for people in the language in use; the server says both, parted by a slash. */
  sentence(): string {
    const [vi = "", ...rest] = this.message.split(" / ");
    if (rest.length === 0) return vi;
    const tail = /\s*\([^()]*\)$/.exec(this.message)?.[0] ?? "";
    return language() === "en" ? rest.join(" / ") : vi + (vi.endsWith(tail) ? "" : tail);
  }
}

/** What the board asks of the server, with the cookie of the session. */
export class Api {
  #csrf = "";
  #login = "";
  /** How far the server's clock is ahead of this device's, in milliseconds. */
  ahead = 0;

  async session(): Promise<Session> {
    const found = await this.#ask<Session>("GET", "/api/session");
    this.#csrf = found.csrf ?? "";
    this.#login = found.login;
    return found;
  }

  read<T>(path: string): Promise<T> {
    return this.#ask<T>("GET", path);
  }

  async write<T>(
    path: string,
    body: unknown,
    method = "POST",
    type = "application/json",
  ): Promise<T> {
    const [token, login] = [this.#csrf, this.#login];
    try {
      return await this.#ask<T>(method, path, body, type);
    } catch (error) {
      // Whoever has signed in again in another tab has another token.
      if (!(error instanceof Refused) || error.status !== 403) throw error;
      await this.session();
      if (this.#csrf === token || this.#login !== login) throw error;
      return await this.#ask<T>(method, path, body, type);
    }
  }

  /** All features of a layer that a query finds, page by page. */
  async features(layer: string, query: Record<string, string>): Promise<Feature[]> {
    const limit = query.limit ?? String(PAGE);
    let address: string | undefined =
      `/ogc/collections/${layer}/items?${new URLSearchParams({ f: "json", ...query, limit })}`;
    const found: Feature[] = [];
    for (let page = 0; address && page < MOST_PAGES; page++) {
      const answer: Page = await this.read<Page>(address);
      found.push(...answer.features);
      if (query.limit) break;
      const next = answer.links.find(({ rel }) => rel === "next")?.href;
      address = next && new URL(next, location.href).pathname + new URL(next, location.href).search;
    }
    return found;
  }

  async assignments(): Promise<Map<string, Assignment>> {
    const { assignments } = await this.read<{ assignments: Brief[] }>("/api/sos/assignments");
    const found = new Map<string, Assignment>();
    for (const { id, team } of assignments)
      if (team) found.set(id, { team: team.id, name: team.name, by: team.by, since: team.since });
    return found;
  }

  async #ask<T>(
    method: string,
    path: string,
    body?: unknown,
    type = "application/json",
  ): Promise<T> {
    const headers: Record<string, string> = { Accept: "application/geo+json, application/json" };
    if (method !== "GET") headers["X-CSRF-Token"] = this.#csrf;
    if (body !== undefined) headers["Content-Type"] = type;
    let answer: Response;
    try {
      answer = await fetch(path, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch (error) {
      throw new Refused(0, { detail: String(error) });
    }
    const sent = Date.parse(answer.headers.get("date") ?? "");
    if (!Number.isNaN(sent)) this.ahead = sent - Date.now();
    const told = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
    if (!answer.ok) throw new Refused(answer.status, told);
    return told as T;
  }
}

interface Page {
  features: Feature[];
  links: { rel: string; href: string }[];
}

interface Brief {
  id: string;
  team: { id: number; name: string; by: string; since: string } | null;
}
