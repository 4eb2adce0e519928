import { expect, test } from "vitest";
import type { Area } from "../src/dashboard/data";
import { classOf, colourOf, palette, ranges, SHADES, shades, steps } from "../src/dashboard/scale";
import { en } from "../src/texts/dashboard/en";
import { vi } from "../src/texts/dashboard/vi";

const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

test("both languages have the same texts, none empty, with the same places to fill", () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(vi).sort());
  for (const key of Object.keys(vi) as (keyof typeof vi)[]) {
    expect(vi[key].trim(), key).not.toBe("");
    expect(en[key].trim(), key).not.toBe("");
    expect(places(en[key]), key).toEqual(places(vi[key]));
  }
});

test("a value is in the class whose lower limit it reaches", () => {
  const limits = [1, 3, 7, 20];
  expect([1, 2, 3, 6, 7, 19, 20].map((value) => classOf(limits, value))).toEqual([
    0, 0, 1, 1, 2, 2, 2,
  ]);
  expect(classOf([3, 3], 3)).toBe(0);
});

test("classes of whole numbers leave no gap and do not overlap", () => {
  expect(ranges([1, 3, 7, 20], true)).toEqual([
    [1, 2],
    [3, 6],
    [7, 20],
  ]);
  expect(ranges([0.5, 1.2, 3], false)).toEqual([
    [0.5, 1.2],
    [1.2, 3],
  ]);
  expect(ranges([], true)).toEqual([]);
});

test("shades go from light to dark whatever the number of classes", () => {
  expect(shades(5, "light")).toEqual([...SHADES]);
  expect(shades(2, "light")).toEqual([SHADES[0], SHADES[4]]);
  expect(shades(1, "light")).toHaveLength(1);
});

test("the class of the smallest values is the nearest to the ground in the dark too", () => {
  expect(shades(5, "dark")).toEqual([...SHADES].reverse());
});

test("zero and what is not told have colours of their own", () => {
  const { zero, hidden } = palette("light");
  const area: Area = {
    code: "1",
    name: "",
    areaKm2: 1,
    values: { a: 0, b: null, c: 9 },
    rates: {},
    suppressed: ["b"],
  };
  expect(colourOf(area, "a", "values", [1, 9], "light")).toBe(zero);
  expect(colourOf(area, "b", "values", [1, 9], "light")).toBe(hidden);
  expect(colourOf(area, "c", "values", [1, 4, 9], "light")).toBe(SHADES[4]);
  expect(colourOf(area, "d", "values", [1, 9], "light")).toBe(hidden);
});

test("an axis has few round steps that reach the largest value", () => {
  expect(steps(0)).toEqual([0, 1]);
  expect(steps(3)).toEqual([0, 1, 2, 3]);
  expect(steps(47)).toEqual([0, 20, 40, 60]);
  expect(steps(400)).toEqual([0, 100, 200, 300, 400]);
});
