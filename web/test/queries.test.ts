import { expect, test } from "vitest";
import { LayerQueries, queriedTiles } from "../src/map/queries";

test("tools set parts of a query, and only a change is told", () => {
  const queries = new LayerQueries();
  const told: string[] = [];
  queries.onChange((layer) => told.push(layer));
  queries.set("hotels", { filter: "rooms > 20" });
  queries.set("hotels", { filter: "rooms > 20" });
  queries.set("hotels", { datetime: "2021-08-01/.." });
  expect(told).toEqual(["hotels", "hotels"]);
  expect(queries.parameters("hotels", { f: "json" }).toString()).toBe(
    "f=json&filter=rooms+%3E+20&datetime=2021-08-01%2F..",
  );
  expect(queries.parameters("checkpoints").toString()).toBe("");
});

test("a tile address keeps its places to fill", () => {
  const tiles = "/tiles/{z}/{y}/{x}?f=mvt";
  expect(queriedTiles(tiles, new URLSearchParams())).toBe(tiles);
  expect(queriedTiles(tiles, new URLSearchParams({ filter: "a = 1" }))).toBe(
    `${tiles}&filter=a+%3D+1`,
  );
});
