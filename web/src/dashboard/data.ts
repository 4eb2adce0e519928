// What /api/figures and /api/figures/areas say.
import type { Box } from "../config";
import { fetchJson } from "../http";
import type { Bilingual } from "../locale";

export type Level = "district" | "commune";
export type Kind = "values" | "rates";

interface Head {
  asOf: string;
  day: string;
  timeZone: string;
  province: { name: Bilingual; bbox: Box };
  synthetic: boolean;
  /** People of a cell below which the public is not told how many. */
  fewest: number;
}

export interface Figure {
  id: string;
  theme: string;
  layer: string;
  title: Bilingual;
  unit: string;
  value: number | null;
  suppressed: boolean;
  before: number | null;
  compared: Bilingual | null;
  better: "less" | "more" | null;
  /** The id of the figure that this one is a part of. */
  whole: string | null;
}

export interface Breakdown {
  id: string;
  theme: string;
  title: Bilingual;
  items: { code: string; title: Bilingual; value: number }[];
}

export interface Series {
  id: string;
  theme: string;
  title: Bilingual;
  days: string[];
  values: number[];
}

export interface Figures extends Head {
  themes: { id: string; title: Bilingual }[];
  figures: Figure[];
  breakdowns: Breakdown[];
  series: Series[];
}

export interface Measure {
  id: string;
  theme: string;
  title: Bilingual;
  unit: string;
  classes: Record<Kind, number[]>;
}

export interface Area {
  code: string;
  name: string;
  areaKm2: number | null;
  values: Record<string, number | null>;
  rates: Record<string, number | null>;
  suppressed: string[];
}

export interface Areas extends Head {
  level: Level;
  measures: Measure[];
  areas: Area[];
}

export interface Place {
  name: string;
  /** As the address of the map names it. */
  feature: string;
  class: string;
  class_title: Bilingual | null;
  n: number;
  /** How many cells of the result the place stands for. */
  cells: number;
}

/** What /api/hotspots says: the newest results, with their hottest places. */
export interface Hotspots {
  results: {
    collection: "hotspots" | "emerging_hotspots";
    title: string;
    layer: Bilingual | null;
    computed_at: string;
    places: number;
    listed: Place[];
  }[];
}

export const loadHotspots = (): Promise<Hotspots> => fetchJson<Hotspots>("/api/hotspots");

export const loadFigures = (days: number): Promise<Figures> =>
  fetchJson<Figures>(`/api/figures?days=${days}`);

export const loadAreas = (level: Level): Promise<Areas> =>
  fetchJson<Areas>(`/api/figures/areas?level=${level}`);
