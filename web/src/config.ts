import type { StyleSpecification } from "maplibre-gl";
import type { Bilingual } from "./language";

/** A column of a layer, as its record describes it. */
export interface Column {
  name: string;
  title: Bilingual;
  type: string;
  format: string | null;
  unit: string | null;
  codes: Record<string, Bilingual> | null;
}

/** A layer, as its record describes it. */
export interface LayerConfig {
  id: string;
  title: Bilingual;
  description: Bilingual;
  theme: string;
  geometryType: string;
  geometryColumn: string;
  titleColumn: string;
  classColumn: string | null;
  count: number | null;
  /** Whether it is on where nobody has said otherwise. */
  shown: boolean;
  minZoom: number;
  maxZoom: number;
  synthetic: boolean;
  style: string | null;
  /** What is at `style`, so that the map needs no request for each layer. */
  drawing: StyleSpecification | null;
  tiles: string;
  items: string;
  counts: string;
  export: string;
  /** The address of a page about one feature, `{id}` standing for it. */
  page?: string | null;
  columns: Column[];
  time: LayerTime | null;
}

/** The times of a layer: their columns (an instant, or the two ends), and the first and the last. */
export interface LayerTime {
  columns: string[];
  of: "event" | "state";
  first: string | null;
  last: string | null;
}

export interface ThemeConfig {
  id: string;
  title: Bilingual;
  layers: string[];
}

export type Box = [west: number, south: number, east: number, north: number];

/** What `/api/map` says: all that this page knows of the province and its layers. */
export interface MapConfig {
  province: { id: string; name: Bilingual; bbox: Box; timeZone: string };
  basemap: { tiles: string; attribution: string } | null;
  synthetic: boolean;
  /** What whole layers may be downloaded as. */
  formats: { f: string; title: string }[];
  themes: ThemeConfig[];
  layers: LayerConfig[];
}

/** The answer of a layer's `counts`: how many features match, and have each value. */
export interface Counts {
  numberMatched: number;
  counts: {
    property: string;
    numberMatched: number;
    values: { value: unknown; count: number }[];
    others: number;
  }[];
}

/** One answer of `/api/search`. */
export interface SearchResult {
  layer: string;
  id: string | number;
  title: string;
  subtitle: string;
  center: [number, number];
  bbox: Box | null;
}

export type Feature = GeoJSON.Feature<GeoJSON.Geometry, Record<string, unknown>>;
