import { fetchJson, HttpError, type Problem } from "../http";
import type { Bilingual } from "../locale";

const PATIENCE_MS = 15_000;

/** What somebody has declared. */
export interface Declared {
  made_at: string;
  declared_by: string;
  symptoms: string[];
  contact: boolean;
  places: string[];
  elsewhere: string[];
  kinds: string[];
}

/** The newest positive sample of somebody. */
export interface Sample {
  code: string;
  method: "pcr" | "antigen";
  taken_at: string;
  resulted_at: string;
  site: string | null;
}

export interface Flag {
  id: number;
  kinds: string[];
  zones: string[];
  state: "open" | "seen" | "closed";
  times: number;
  last_at: string;
  seen_at: string | null;
  seen_by: string | null;
  closed_at: string | null;
  closed_by: string | null;
  note: string | null;
  commune: string | null;
  district: string | null;
  person: {
    name: string;
    said_name: string | null;
    birth_year: number | null;
    sex: "female" | "male" | "other" | null;
    phone: string | null;
    address: string | null;
  };
  /** Null: there is none, or none any more. */
  sample: Sample | null;
  declaration: Declared | null;
}

/** A flag with what else its person has declared, and the cards that they can show. */
export interface Detail extends Flag {
  declarations: Declared[];
  cards: number;
}

export interface Listed {
  counts: Record<Flag["state"], number>;
  flags: Flag[];
}

export interface Figures {
  days: { day: string; declarations: number; with_symptoms: number }[];
  districts: {
    code: string;
    name: string;
    declarations: number;
    with_symptoms: number;
    open: number;
    seen: number;
  }[];
}

type Code = Bilingual & { value: string };

/** The words of the codes. */
export interface Words {
  symptoms: Code[];
  kinds: Code[];
  declared_by: Code[];
}

/** What the list is narrowed to; empty texts narrow nothing. */
export interface Filter {
  state: "waiting" | "closed";
  kind: string;
  district: string;
}

export function listed(filter: Filter): Promise<Listed> {
  const query = Object.entries(filter).filter(([, value]) => value !== "");
  const address = `/api/declarations/flags?${new URLSearchParams([...query, ["limit", "200"]])}`;
  return fetchJson<Listed>(address);
}

export const detail = (id: number): Promise<Detail> =>
  fetchJson<Detail>(`/api/declarations/flags/${id}`);

export const figures = (): Promise<Figures> =>
  fetchJson<Figures>("/api/declarations/figures?days=14");

export const words = (): Promise<Words> => fetchJson<Words>("/api/declarations/form");

/**
 * Changes a flag, and tells how it stands then.
 *
 * @throws HttpError when the server refuses, or (status 0) does not answer.
 */
export async function change(
  id: number,
  what: "seen" | "close" | "revoke",
  body: object,
  csrf: string,
): Promise<Detail> {
  let answer: Response;
  try {
    answer = await fetch(`/api/declarations/flags/${id}/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    throw new HttpError(0, String(error));
  }
  const said: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw new HttpError(answer.status, String(answer.status), said as Problem | null);
  return said as Detail;
}
