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
  titleColumn: string;
  classColumn: string | null;
  count: number | null;
  minZoom: number;
  maxZoom: number;
  synthetic: boolean;
  style: string | null;
  /** What is at `style`, so that the map needs no request for each layer. */
  drawing: StyleSpecification | null;
  tiles: string;
  items: string;
  columns: Column[];
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
  themes: ThemeConfig[];
  layers: LayerConfig[];
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
