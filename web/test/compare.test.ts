import { expect, test } from "vitest";
import type { LayerConfig } from "../src/config";
import { paired, signed } from "../src/tools/compare/differences";
import { clamped, readState, writeState } from "../src/tools/compare/state";

const LAYER = { id: "sos_requests" } as LayerConfig;

test("the address keeps both windows, which are of one length", () => {
  const state = {
    a: { last: "2021-08-10", name: "days3" as const },
    b: { last: "2021-08-17", name: "days3" as const },
    divider: 40,
    layers: ["sos_requests"],
  };
  expect(readState(writeState(state), ["sos_requests"])).toEqual(state);
  expect(readState("2021-08-10_days3~2021-08-17_week~x~nope", ["sos_requests"])).toEqual({
    ...state,
    divider: 50,
    layers: [],
  });
  expect(readState("2021-08-10_days3", [])).toBeNull();
  expect(readState(null, [])).toBeNull();
});

test("the divider stays on the map", () => {
  expect([-3, 5, 49.6, 200].map(clamped)).toEqual([5, 5, 50, 95]);
});

test("a district of one window has 0 in the other", () => {
  const counts = (matched: number, values: [string | null, number][]) => ({
    numberMatched: matched,
    counts: [
      { property: "district_code", values: values.map(([value, count]) => ({ value, count })) },
    ],
  });
  const found = paired(
    LAYER,
    counts(5, [
      ["503", 3],
      [null, 2],
    ]),
    counts(4, [["504", 4]]),
  );
  expect([found.a, found.b]).toEqual([5, 4]);
  expect([...found.districts]).toEqual([
    ["503", { a: 3, b: 0 }],
    ["", { a: 2, b: 0 }],
    ["504", { a: 0, b: 4 }],
  ]);
  const none = { numberMatched: 7, counts: [] };
  expect(paired(LAYER, none, none).districts.size).toBe(0);
});

test("a difference says which way it goes", () => {
  const format = (n: number): string => String(n);
  expect(signed({ a: 2, b: 5 }, format)).toBe("+3");
  expect(signed({ a: 5, b: 2 }, format)).toBe("−3");
  expect(signed({ a: 5, b: 5 }, format)).toBe("0");
});
