import { fetchJson, HttpError, type Problem } from "../http";

const PATIENCE_MS = 15_000;
/** A search of weeks takes its time; the server gives up before this. */
const SEARCH_MS = 150_000;

export type State = "asked" | "approved" | "searched" | "refused" | "closed" | "expired";
export type ContactState = "to_call" | "reached" | "quarantined" | "tested" | "unreachable";
export type Look =
  | "ask"
  | "approve"
  | "refuse"
  | "search"
  | "result"
  | "contact"
  | "mark"
  | "export"
  | "handed"
  | "close";

/** A request for tracing, as its list tells it. */
export interface Trace {
  id: string;
  code: string;
  reason: string;
  case_ref: string;
  since: string;
  until: string;
  least_s: number;
  orders: 1 | 2;
  asked_login: string;
  asked_at: string;
  districts: string[];
  state: State;
  decided_login: string | null;
  decided_at: string | null;
  decision: string | null;
  expires_at: string | null;
  searched_at: string | null;
  found: {
    first: number;
    first_kept: number;
    second: number;
    second_kept: number;
    took_s: number;
    dwell_min: number;
    check_ins_since: string;
  } | null;
  may_decide: boolean;
  person: { name: string; birth_year: number | null; commune: string | null } | null;
}

/** A request with what became of its contacts, and who has looked. */
export interface Detail extends Trace {
  states: Partial<Record<ContactState, number>>;
  looks: { at: string; login: string; what: Look; contact: number | null }[];
}

export interface Evidence {
  site: number | null;
  name: string | null;
  kind: "place" | "proximity";
  from: string;
  to: string;
  estimated: boolean;
  with: number | null;
}

/** A contact; who it is, only where the caller may be told. */
export interface Contact {
  id: number;
  degree: 1 | 2;
  place: number;
  meetings: number;
  minutes: number;
  first_at: string;
  last_at: string;
  estimated: boolean;
  state: ContactState;
  named: boolean;
  district: string | null;
  name?: string;
  birth_year?: number | null;
  commune?: string | null;
  note?: string | null;
  marked_login?: string | null;
  evidence?: Evidence[];
  code?: string;
}

/** A contact in full. */
export interface WholeContact extends Contact {
  phone: string | null;
  address: string | null;
  stay: { state: string; due_until: string } | null;
}

export interface Place {
  site: number;
  name: string;
  contacts: number;
  lon: number;
  lat: number;
}

export interface Result {
  total: number;
  contacts: Contact[];
  places: Place[];
}

/** What came of a file of contacts of devices. */
export interface Taken {
  read: number;
  bad: number;
  new?: number;
  written?: boolean;
  problems: { line: number; column: string | null; rule: { vi: string; en: string } }[];
}

export interface Listed {
  requests: Trace[];
  more: number;
  handed: number;
}

/** Requests that wait and hold, contacts of those that hold to be called, and the last seven days. */
export interface Figures {
  asked: number;
  live: number;
  contacts: number;
  to_call: number;
  province_week: number;
  district_week: number;
  closed_week: number;
  first_week: number;
  second_week: number;
  devices_week: number;
  /** From asking to the result, the median; null where nothing was searched. */
  minutes_week: number | null;
}

export const figures = (): Promise<Figures> => fetchJson<Figures>("/api/tracing/figures");
export const listed = (): Promise<Listed> => fetchJson<Listed>("/api/tracing");
export const detail = (id: string): Promise<Detail> => fetchJson<Detail>(`/api/tracing/${id}`);

/** Calls of one signed-in person. */
export class Calls {
  readonly #csrf: string;

  constructor(csrf: string) {
    this.#csrf = csrf;
  }

  ask(body: object): Promise<Trace> {
    return this.#send("POST", "", body);
  }

  decide(id: string, approve: boolean, note: string | null): Promise<Trace> {
    return this.#send("POST", `/${id}/decision`, { approve, note });
  }

  search(id: string): Promise<Trace> {
    return this.#send("POST", `/${id}/search`, {}, SEARCH_MS);
  }

  close(id: string): Promise<Trace> {
    return this.#send("POST", `/${id}/close`, {});
  }

  result(id: string, body: object): Promise<Result> {
    return this.#send("POST", `/${id}/result`, body);
  }

  handed(state: ContactState | null): Promise<{ total: number; contacts: Contact[] }> {
    return this.#send("POST", "/handed", { state });
  }

  contact(id: number): Promise<WholeContact> {
    return this.#send("POST", `/contacts/${id}`, {});
  }

  mark(id: number, state: ContactState, note: string | null): Promise<WholeContact> {
    return this.#send("PUT", `/contacts/${id}`, { state, note });
  }

  async export(id: string, format: "xlsx" | "csv"): Promise<Blob> {
    return (await this.#answer("POST", `/${id}/export`, JSON.stringify({ format }))).blob();
  }

  /** Takes a file of contacts of devices; what is wrong with it comes as its problems. */
  async take(file: File, dry: boolean): Promise<Taken> {
    const type = file.name.toLowerCase().endsWith(".csv") ? "text/csv" : XLSX;
    const path = `/proximity?dry_run=${dry}`;
    return (await this.#answer("POST", path, file, SEARCH_MS, type)).json() as Promise<Taken>;
  }

  async #send<T>(method: string, path: string, body: object, patience?: number): Promise<T> {
    const answer = await this.#answer(method, path, JSON.stringify(body), patience);
    return (await answer.json()) as T;
  }

  async #answer(
    method: string,
    path: string,
    body: BodyInit,
    patience = PATIENCE_MS,
    type = "application/json",
  ): Promise<Response> {
    let answer: Response;
    try {
      answer = await fetch(`/api/tracing${path}`, {
        method,
        headers: { "Content-Type": type, "X-CSRF-Token": this.#csrf },
        body,
        signal: AbortSignal.timeout(patience),
      });
    } catch (error) {
      throw new HttpError(0, String(error));
    }
    if (answer.ok) return answer;
    const problem = (await answer.json().catch(() => null)) as Problem | null;
    throw new HttpError(answer.status, String(answer.status), problem);
  }
}

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
