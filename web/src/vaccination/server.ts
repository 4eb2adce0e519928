import { fetchJson } from "../http";
import type { Bilingual } from "../locale";
import { RegisterServer } from "../registers/server";

const REGISTER = "vaccinations";

export interface Dose {
  number: number;
  vaccine: string;
  given_on: string;
}

/** Somebody who is here, or was today. */
export interface Visit {
  id: string;
  version: number;
  name: string;
  birth_year: number | null;
  state: string;
  number: number | null;
  vaccine: string | null;
  lot: string | null;
  given_at: string | null;
  observe_until: string | null;
  before: Dose[];
}

/** Somebody who is invited today. */
export interface Expected {
  id: string;
  name: string;
  birth_year: number | null;
  slot_at: string;
  next_dose: number;
}

export interface Lot {
  lot: string;
  vaccine: string;
  expires_on: string;
  doses: number;
}

export interface Session {
  id: string;
  vaccine: string;
  lot: string | null;
  opens: string;
  closes: string;
  invited: number;
  capacity: number;
}

/** What a point works on today. */
export interface Desk {
  sessions: Session[];
  expected: Expected[];
  visits: Visit[];
  lots: Lot[];
}

export type Code = Bilingual & { value: string };

/** The words of the codes. */
export interface Form {
  vaccines: Code[];
  screenings: Code[];
  sites: Code[];
  severities: Code[];
  symptoms: Code[];
}

/** A point where the account works. */
export interface Point {
  value: string;
  title: Bilingual;
  code: string;
}

/** By what somebody is received. */
export type Whose = { token: string } | { identity: string } | { registration: string };

/** What the desk asks of the server, with the cookie of the session. */
export class DeskServer extends RegisterServer {
  async points(): Promise<Point[]> {
    const { places } = await this.read<{ places: (Point & { own: boolean })[] }>(
      `/api/registers/${REGISTER}/places`,
    );
    return places.filter(({ own, value }) => own && value.includes("/"));
  }

  desk(place: string): Promise<Desk> {
    return this.read(`/api/vaccination/desk?place=${encodeURIComponent(place)}`);
  }

  async arrive(place: string, whose: Whose, anyway: boolean): Promise<void> {
    const body = { place, ...whose, ...(anyway ? { anyway } : {}) };
    await this.change("POST", "/api/vaccination/arrive", body, "application/json");
  }

  async step(visit: Visit, action: string, facts: Record<string, string>): Promise<void> {
    await this.act(REGISTER, visit.id, `"v${visit.version}"`, action, facts);
  }
}

export const form = (): Promise<Form> => fetchJson<Form>("/api/vaccination/form");
