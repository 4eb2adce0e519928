import { fetchJson } from "../http";
import { type Bilingual, pick } from "../locale";

/** A code with what people read for it. */
export interface Choice extends Bilingual {
  value: string;
}

/** What `/api/directives/choices` offers. */
export interface Choices {
  kinds: Choice[];
  fields: Choice[];
  states: Choice[];
  scopes: Choice[];
  issuers: { name: string; number: number }[];
  years: { year: number; number: number }[];
  units: Unit[];
  timeZone: string;
  file: { mb: number; pages: number; most: number };
}

export interface Unit {
  code: string;
  name: string;
  level?: string;
}

/** A directive as lists tell it. */
export interface Directive {
  id: number;
  number: string;
  kind: string;
  title: string;
  issuedOn: string;
  issuer: string;
  field: string;
  validFrom: string;
  endsAt: string | null;
  state: string;
  scope: string;
  audience: string;
  fileCount: number;
  excerpt?: { page: number | null; file: string | null; parts: [string, boolean][] };
}

export interface FileTold {
  id: string;
  name: string;
  bytes: number;
  pages: number;
  hasText: boolean;
  href: string;
}

/** A directive with all there is to know of it. */
export interface Whole extends Directive {
  summary: string | null;
  units: Unit[];
  picture: string;
  files: FileTold[];
  relations: { relation: "replaces" | "replaced_by"; id: number; number: string; title: string }[];
  item: string;
}

export interface Found {
  matched: number;
  directives: Directive[];
}

export const FILTERS = ["field", "kind", "issuer", "year", "state"] as const;
export const PAGE = 20;

/** What is looked for; all texts, empty where nothing is. */
export type Asked = Record<"q" | (typeof FILTERS)[number], string>;

export const NOTHING: Asked = { q: "", field: "", kind: "", issuer: "", year: "", state: "" };

/** What a query string asks for. */
export function askedOf(search: string): Asked {
  const given = new URLSearchParams(search);
  return { ...NOTHING, ...Object.fromEntries([...given].filter(([name]) => name in NOTHING)) };
}

/** The query string of what is asked for, without what is empty. */
export function searchOf(asked: Asked): string {
  const given = Object.entries(asked).filter(([, value]) => value.trim() !== "");
  return new URLSearchParams(given).toString();
}

export function choices(): Promise<Choices> {
  return fetchJson<Choices>("/api/directives/choices");
}

export function find(asked: Asked, offset: number, signal: AbortSignal): Promise<Found> {
  const query = new URLSearchParams(searchOf(asked));
  query.set("limit", String(PAGE));
  if (offset) query.set("offset", String(offset));
  return fetchJson<Found>(`/api/directives?${query}`, signal);
}

/** Those in force at a place. */
export function findAt([lon, lat]: [number, number], signal: AbortSignal): Promise<Found> {
  return fetchJson<Found>(`/api/directives/at?lon=${lon}&lat=${lat}`, signal);
}

export function read(id: number): Promise<Whole> {
  return fetchJson<Whole>(`/api/directives/${id}`);
}

/** What people read for a code. */
export function title(known: Choice[], value: string): string {
  const found = known.find((one) => one.value === value);
  return found ? pick(found) : value;
}

/** What a fragment opens: a directive, a place, the form of a new one, or nothing. */
export type Opened =
  | { kind: "list" }
  | { kind: "one" | "edit"; id: number }
  | { kind: "new" }
  | { kind: "at"; place: [number, number] };

export function openedOf(hash: string): Opened {
  const text = hash.replace(/^#/, "");
  if (text === "new") return { kind: "new" };
  const one = /^(edit=)?(\d{1,15})$/.exec(text);
  if (one) return { kind: one[1] ? "edit" : "one", id: Number(one[2]) };
  const at = /^at=(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(text);
  if (at) return { kind: "at", place: [Number(at[1]), Number(at[2])] };
  return { kind: "list" };
}
