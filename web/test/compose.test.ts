import { readFileSync } from "node:fs";
import {
  createExpression,
  featureFilter,
  validateStyleMin,
} from "@maplibre/maplibre-gl-style-spec";
import type { FillLayerSpecification, StyleSpecification } from "maplibre-gl";
import { expect, test } from "vitest";
import type { LayerConfig, MapConfig } from "../src/config";
import { boxOf } from "../src/map/box";
import { compose, legendOf, ownerOf } from "../src/map/compose";
import { ends, narrowed } from "../src/map/ending";
import { withOwnLetters } from "../src/map/letters";
import { withSelection } from "../src/map/selection";

const ORIGIN = "https://example.org";
const IDS = ["sos_requests", "checkpoints", "admin_units"];
const title = { vi: "x", en: "x" };

function layer(id: string): LayerConfig {
  return {
    id,
    title,
    description: title,
    theme: "t",
    geometryType: id === "admin_units" ? "MultiPolygon" : "Point",
    titleColumn: "name",
    classColumn: null,
    count: 1,
    shown: true,
    minZoom: 0,
    maxZoom: 22,
    synthetic: true,
    style: `/ogc/styles/${id}`,
    drawing: null,
    tiles: `/ogc/collections/${id}/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt&v=7`,
    items: `/ogc/collections/${id}/items`,
    geometryColumn: "geom",
    counts: "",
    export: "",
    columns: [],
    time: null,
  };
}

const config: MapConfig = {
  province: { id: "p", name: title, bbox: [107, 14, 109, 16], timeZone: "Asia/Ho_Chi_Minh" },
  basemap: null,
  synthetic: true,
  formats: [],
  themes: [{ id: "t", title, layers: IDS }],
  layers: IDS.map(layer),
};
const styles = new Map(
  IDS.map((id) => {
    const file = new URL(`../../styles/${id}.json`, import.meta.url);
    return [id, JSON.parse(readFileSync(file, "utf8")) as StyleSpecification];
  }),
);

test("the styles of all layers make one valid style", () => {
  const style = withSelection(compose(config, styles, ORIGIN));
  expect(validateStyleMin(style)).toEqual([]);
  expect(style.sprite).toBe(`${ORIGIN}/ogc/sprites/sprite`);
  expect(Object.keys(style.sources).sort()).toEqual(
    [...IDS, "admin_units:names", "selection"].sort(),
  );
});

test("areas lie below points, their names above, clusters on top; the first layer above others", () => {
  const { layers } = compose(config, styles, ORIGIN);
  const at = (id: string): number => layers.findIndex((one) => one.id === id);
  expect(at("admin_units/province_land")).toBeLessThan(at("checkpoints/checkpoints"));
  expect(at("checkpoints/checkpoints")).toBeLessThan(at("sos_requests/sos_requests"));
  expect(at("sos_requests/sos_requests")).toBeLessThan(at("admin_units/commune_name"));
  expect(at("admin_units/commune_name")).toBeLessThan(at("checkpoints/checkpoints_cluster"));
});

test("a base map from elsewhere takes the place of our own ground", () => {
  const basemap = { tiles: "https://tiles.example.org/{z}/{x}/{y}.png", attribution: "x" };
  const { layers } = compose({ ...config, basemap }, styles, ORIGIN);
  expect(layers[0]?.id).toBe("basemap");
  expect(layers.some(({ id }) => id === "admin_units/province_land")).toBe(false);
  expect(layers.some(({ id }) => id === "admin_units/province_line")).toBe(true);
});

test("sort keys of clusters take few values, for features of each are drawn by themselves", () => {
  const { layers } = compose(config, styles, ORIGIN);
  for (const { id, layout } of layers as { id: string; layout?: Record<string, unknown> }[]) {
    const key = layout?.["circle-sort-key"] ?? layout?.["symbol-sort-key"];
    if (key === undefined) continue;
    const made = createExpression(key, id);
    if (made.result === "error") throw new Error(`${id}: its sort key is none`);
    const values = new Set<unknown>();
    for (let n = 1; n <= 100_000; n += 7)
      values.add(made.value.evaluate({ zoom: 12 }, { type: "Point", properties: { n } } as never));
    expect(values.size, id).toBeLessThan(8);
  }
});

test("a layer without a style is left out", () => {
  const style = compose(config, new Map([...styles].slice(1)), ORIGIN);
  expect(style.sources.sos_requests).toBeUndefined();
});

test("a map layer's owner is its layer", () => {
  expect(ownerOf("hotels/hotels_label")).toBe("hotels");
  expect(ownerOf("selection-ring")).toBe("");
});

test("every style has a legend; no style has none", () => {
  for (const style of styles.values()) expect(legendOf(style).length).toBeGreaterThan(0);
  expect(legendOf(undefined)).toEqual([]);
});

test("the box of a geometry", () => {
  expect(boxOf({ type: "Point", coordinates: [1, 2] })).toEqual([1, 2, 1, 2]);
  const ring = [
    [0, 0],
    [4, 1],
    [2, 5],
    [0, 0],
  ];
  expect(boxOf({ type: "MultiPolygon", coordinates: [[ring]] })).toEqual([0, 0, 4, 5]);
  expect(boxOf({ type: "MultiPoint", coordinates: [] })).toBeNull();
  expect(boxOf(null)).toBeNull();
});

test("what has come to an end is not drawn, by the style's own word", () => {
  const file = new URL("../../styles/alerts.json", import.meta.url);
  const alerts = JSON.parse(readFileSync(file, "utf8")) as StyleSpecification;
  const own = { ...layer("alerts"), geometryType: "MultiPolygon" };
  const style = compose(
    { ...config, layers: [own, ...config.layers] },
    new Map([["alerts", alerts], ...styles]),
    ORIGIN,
  );
  expect(validateStyleMin(style)).toEqual([]);
  const parts = style.layers.filter(({ id }) => ownerOf(id) === "alerts");
  expect(parts.map(({ id }) => id)).toEqual([
    "alerts/alerts",
    "alerts/alerts_line",
    "alerts/alerts_label",
  ]);
  for (const part of parts) expect(JSON.stringify(part)).toMatch(/"\d{4}-\d\d-\d\dT[\d:]{8}Z"/);
  const [fill] = alerts.layers;
  const at = (now: string): boolean => {
    const { filter } = narrowed(fill as FillLayerSpecification, alerts, new Date(now));
    const shown = featureFilter(filter, "layers[0].filter").filter;
    const properties = { message: "Alert", expires: "2021-10-01T03:00:00Z" };
    const cancelled = { ...properties, message: "Cancel" };
    expect(shown({ zoom: 9 }, { type: 3, properties: cancelled })).toBe(false);
    return shown({ zoom: 9 }, { type: 3, properties });
  };
  expect(at("2021-10-01T02:59:59Z")).toBe(true);
  expect(at("2021-10-01T03:00:00Z")).toBe(false);
  expect(ends(alerts)).toBe(true);
  expect([...styles.values()].some(ends)).toBe(false);
});

test("the browser draws letters with the page's own font", () => {
  const style = withOwnLetters(compose(config, styles, ORIGIN));
  expect(style).not.toHaveProperty("glyphs");
  const fonts = style.layers.flatMap((part) =>
    part.type === "symbol" && part.layout?.["text-field"] ? [part.layout["text-font"]] : [],
  );
  expect(fonts.length).toBeGreaterThan(0);
  for (const font of fonts)
    expect(font).toEqual([expect.stringMatching(/^Be Vietnam Pro /), "Be Vietnam Pro"]);
});
