import { readFileSync } from "node:fs";
import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import type { StyleSpecification } from "maplibre-gl";
import { expect, test } from "vitest";
import { nightColour, nightStyle, onPaper } from "../src/map/night";

function style(id: string): StyleSpecification {
  const file = new URL(`../../styles/${id}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as StyleSpecification;
}

/** The relative luminance of a colour (WCAG 2). */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test("dark turns light and light dark; what is no hexadecimal colour stays", () => {
  expect(luminance(nightColour("#ffffff"))).toBeLessThan(0.03);
  expect(luminance(nightColour("#000"))).toBeGreaterThan(0.8);
  expect(nightColour("#000")).toBe(nightColour("#000000"));
  expect(nightColour("transparent")).toBe("transparent");
});

test("names can be read at night on land and wards as by day", () => {
  const paint = (id: string): Record<string, unknown> =>
    nightStyle(style("admin_units")).layers.find((one) => one.id === id)?.paint as never;
  const land = String(paint("province_land")["fill-color"]);
  for (const id of ["commune_name", "district_name", "province_name"]) {
    expect(contrast(String(paint(id)["text-color"]), land), id).toBeGreaterThan(4.5);
    expect(contrast(String(paint(id)["text-color"]), nightColour("#efe9dc"))).toBeGreaterThan(4.5);
  }
  expect(validateStyleMin(nightStyle(style("admin_units")))).toEqual([]);
});

test("labels turn; symbols, circles of clusters and their numbers do not", () => {
  const whole = style("checkpoints");
  const day = whole.layers;
  const night = nightStyle(whole).layers;
  expect(night.filter((layer, i) => layer !== day[i]).map(({ id }) => id)).toEqual([
    "checkpoints_label",
  ]);
});

test("on paper a map that was turned has its colours of the day, and what else was set", () => {
  const day = style("admin_units");
  const now = nightStyle(day);
  const line = now.layers.find(({ id }) => id === "district_line");
  Object.assign(line?.paint as object, { "line-opacity": 0.5 });
  const paper = onPaper(now, day).layers.find(({ id }) => id === "district_line");
  expect(paper?.paint).toMatchObject({ "line-color": "#a89d88", "line-opacity": 0.5 });
});
