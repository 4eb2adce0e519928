// What /api/epidemic says.
import { fetchJson } from "../http";
import type { Bilingual } from "../locale";

export interface Interval {
  mean: number | null;
  low: number | null;
  high: number | null;
}

export interface Day {
  day: string;
  community: number;
  isolated: number;
  deaths: number;
  smoothed?: number | null;
  rt?: Partial<Interval>;
}

export interface Tests {
  day: string;
  samples: number | null;
  tested: number | null;
  positive: number | null;
}

export interface Area {
  code: string;
  name: string;
  population: number | null;
  week: number | null;
  before: number | null;
  tested: number | null;
  positive: number | null;
}

export interface Growth {
  days: number;
  doubling: number | null;
  limits: [number, number] | null;
}

/** The course of a unit; the public's has no unit but the province, and no small numbers. */
export interface Course {
  unit: string;
  first: string;
  last: string;
  days: Day[];
  estimate: { day: string; growth: Growth | null; why: Bilingual | null } | null;
  testing: Tests[];
  /** Days that each of these stands for, the last of them named. */
  testing_days: number;
  areas: Area[];
  late?: number;
  to_report?: number;
  audience: "public" | "staff";
  fewest: number;
  interval: { mean_days: number; sd_days: number; source: string } | null;
}

export interface Level {
  commune: string;
  name: string;
  district: string;
  level: string;
  level_if_covered: string | null;
  cases: number | null;
  rate: number | null;
  coverage: "reached" | "missed" | "unknown";
  adults_percent: number | null;
  elders_percent: number | null;
  coverage_source: "doses" | "reported" | null;
  coverage_day: string | null;
  is_raised: boolean;
  day: string;
}

export interface Levels {
  rule: {
    id: string;
    source: string;
    days: number;
    per: number;
    incidence: number[];
    adults_percent: number;
    elders_percent: number;
  } | null;
  titles: Record<string, Bilingual>;
  levels: Level[];
}

export function query(unit: string, days: number): string {
  return new URLSearchParams({ days: String(days), ...(unit ? { unit } : {}) }).toString();
}

export const loadCourse = (unit: string, days: number): Promise<Course> =>
  fetchJson<Course>(`/api/epidemic/figures?${query(unit, days)}`);

export const loadLevels = (): Promise<Levels> => fetchJson<Levels>("/api/epidemic/risk");

/** A sum of what is told; null where something is not. */
export function sum(values: (number | null)[]): number | null {
  return values.some((value) => value === null)
    ? null
    : values.reduce<number>((all, value) => all + (value ?? 0), 0);
}
