import { beforeAll, expect, vi as stub, test } from "vitest";
import type { LayerConfig } from "../src/config";
import { setLanguage } from "../src/language";
import { arc, arcs, widthOf } from "../src/tools/analyse/arcs";
import { explain } from "../src/tools/analyse/explain";
import { inputsOf, type Request, valuesOf } from "../src/tools/analyse/request";
import type { Result, Source } from "../src/tools/analyse/result";

beforeAll(() => {
  stub.stubGlobal("document", { documentElement: { lang: "" } });
});

const source = (process: string, inputs: Record<string, unknown> = {}): Source => ({
  process,
  version: "1.1.0",
  inputs: { layer: "sos_requests", ...inputs },
  layer_version: 7,
  summary: { mean: 1.626 },
});
const cell = {
  class: "hot_95",
  n: 12,
  value: 12,
  neighbour_mean: 8.25,
  z: 4.1234,
  p: 0.0000371,
  q: 0.0213,
  neighbours: 6,
  edge: true,
};

test("a hot cell is explained by its numbers, with what makes it less sure", () => {
  setLanguage("en");
  const told = explain(cell, source("hotspots"), "Hot spot, 95 % confidence");
  expect(told.heading).toBe("Why is this red?");
  expect(told.sentences.join(" ")).toContain("12 events here; 8.25 on average next to it, 1.63");
  expect(told.sentences.join(" ")).toContain("5 % at most");
  expect(told.sentences.join(" ")).toContain("z = 4.12, p < 0.001, corrected q = 0.021");
  expect(told.warnings).toHaveLength(1);
  setLanguage("vi");
  expect(explain(cell, source("hotspots"), "").heading).toBe("Vì sao vùng này đỏ?");
});

test("without a correction nothing is said of a share of false ones", () => {
  setLanguage("en");
  const told = explain(cell, source("hotspots", { correction: "none" }), "").sentences.join(" ");
  expect(told).toContain("not corrected");
  expect(told).not.toContain("at most");
});

test("what p is taken from is told", () => {
  setLanguage("en");
  const told = (inputs: Record<string, unknown>, process = "hotspots"): string =>
    explain(cell, source(process, inputs), "").sentences.join(" ");
  expect(told({ inference: "permutation" })).toContain("of all ways to deal the values");
  for (const inputs of [{ inference: "normal" }, {}]) {
    expect(told(inputs)).toContain("the normal distribution's");
    expect(told(inputs, "emerging-hotspots")).toContain("the normal distribution's");
  }
  expect(told({}, "local-moran")).not.toContain("normal");
});

test("an island says that it has no neighbour, a cold cell is blue", () => {
  setLanguage("en");
  const island = { class: "not_computed", n: 3, value: 3, neighbours: null, edge: false };
  const told = explain(island, source("hotspots"), "Not computed");
  expect(told.heading).toBe("What does this say?");
  expect(told.warnings.join()).toContain("no neighbour");
  expect(explain({ ...cell, class: "cold_99" }, source("hotspots"), "").heading).toBe(
    "Why is this blue?",
  );
});

test("the steps of an emerging hotspot are counted from a layer's text as from a list", () => {
  setLanguage("en");
  const area = { class: "hot_new", n: 4, trend_z: 2.1, trend_p: 0.03, z: 2.4 };
  const z = [-2.5, null, 0.1, 2.4];
  for (const z_by_step of [z, JSON.stringify(z)]) {
    const told = explain({ ...area, z_by_step }, source("emerging-hotspots"), "Hot spot, new");
    expect(told.sentences.join(" ")).toContain("1 of 4 steps are hot, 1 are cold");
    expect(told.sentences.join(" ")).toContain("Rising");
  }
});

const request: Request = {
  process: "hotspots",
  layer: "sos_requests",
  by: "hexagon",
  size: null,
  value: "people",
  distance: 500,
  stepDays: 7,
  first: "2021-08-01",
  last: "2021-08-07",
  fewest: 5,
  narrowed: true,
  asPublic: true,
};

test("a process is asked for no input that it does not know", () => {
  const query = { filter: "people > 1", datetime: null };
  const common = { layer: "sos_requests", filter: "people > 1" };
  const asked = (part: Partial<Request>) => inputsOf({ ...request, ...part }, query);
  expect(asked({})).toEqual({ ...common, by: "hexagon", value: "people" });
  expect(asked({ size: 900 })).toMatchObject({ size_m: 900 });
  expect(asked({ process: "clusters" })).toEqual({ ...common, distance_m: 500 });
  expect(asked({ process: "scan", by: "commune" })).toEqual({ ...common, by: "commune" });
  expect(asked({ process: "emerging-hotspots" })).toMatchObject({ step_days: 7 });
  expect(asked({ narrowed: false })).not.toHaveProperty("filter");
});

test("a rate is offered where the population is known", () => {
  const layer = { columns: [] } as unknown as LayerConfig;
  expect(valuesOf(request, layer)).toEqual(["count"]);
  expect(valuesOf({ ...request, by: "commune" }, layer)).toEqual(["count", "rate"]);
});

const flow = (from: string, to: string, n: number) => ({
  type: "Feature" as const,
  id: `${from}-${to}`,
  geometry: {
    type: "LineString" as const,
    coordinates:
      from < to
        ? [
            [108, 15],
            [108.5, 15],
          ]
        : [
            [108.5, 15],
            [108, 15],
          ],
  },
  properties: { from, from_name: `Xã ${from}`, to, to_name: `Xã ${to}`, n, persons: n },
});
const flows = {
  type: "FeatureCollection",
  features: [flow("1", "2", 40), flow("2", "1", 10), flow("3", "1", 8)],
  summary: { n: 58, flows: 3, left_out: 2, left_out_n: 5 },
  provenance: { ...source("flows"), inputs: { by: "commune", fewest: 5 } },
} as unknown as Result;

test("flows are asked for by days and the fewest persons alone", () => {
  const query = { filter: "people > 1", datetime: "2021-08-01T00:00:00Z/.." };
  const asked = inputsOf({ ...request, process: "flows", by: "district" }, query);
  expect(asked).toEqual({ by: "district", first: "2021-08-01", last: "2021-08-07", fewest: 5 });
});

test("the two directions between units bend apart, to the right of who goes", () => {
  const middle = (from: number[], to: number[]): number[] => arc(from, to)[12] ?? [];
  const [east, west] = [middle([108, 15], [108.5, 15]), middle([108.5, 15], [108, 15])];
  expect(east[0]).toBeCloseTo(108.25);
  expect(east[1]).toBeCloseTo(14.92);
  expect(west[1]).toBeCloseTo(15.08);
  expect(arc([108, 15], [108.5, 15])[0]).toEqual([108, 15]);
  expect(arc([108, 15], [108.5, 15]).at(-1)).toEqual([108.5, 15]);
  expect(widthOf(20, 40)).toBe(6);
});

test("a flow is explained by its numbers, the way back and its place", () => {
  setLanguage("en");
  const [first, second, third] = arcs(flows).features.map(({ properties }) => properties);
  const about: Source = { ...flows.provenance, summary: flows.summary };
  const told = explain(first ?? {}, about, "").sentences.join(" ");
  expect(told).toContain("40 steps of 40 persons from Xã 1 to Xã 2");
  expect(told).toContain("10 steps the other way");
  expect(told).toContain("Number 1 of 3 flows, with 69 %");
  expect(second?.back).toBe(40);
  expect(explain(third ?? {}, about, "").sentences.join(" ")).toContain("fewer than 5 persons");
});
