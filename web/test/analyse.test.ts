import { beforeAll, expect, vi as stub, test } from "vitest";
import type { LayerConfig } from "../src/config";
import { setLanguage } from "../src/language";
import { explain } from "../src/tools/analyse/explain";
import { inputsOf, type Request, valuesOf } from "../src/tools/analyse/request";
import type { Source } from "../src/tools/analyse/result";

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
