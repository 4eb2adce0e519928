import { afterEach, expect, test } from "vitest";
import { setLanguage } from "../src/locale";
import { readOpacities } from "../src/map/kept";
import { faded, fadedPaint } from "../src/map/opacity";
import { circle, distance, legs, measureRing } from "../src/tools/geodesic";
import { readMeasured, writeMeasured } from "../src/tools/measure/state";
import { formatArea, formatLength } from "../src/tools/units";

afterEach(() => {
  Object.assign(globalThis, { document: { documentElement: {} } });
  setLanguage("vi");
});

test("distances are geodesic, on the ellipsoid of WGS 84", () => {
  // A degree of the equator, and of the meridian from it.
  expect(distance([0, 0], [1, 0])).toBeCloseTo(111_319.4908, 3);
  expect(distance([0, 0], [0, 1])).toBeCloseTo(110_574.3886, 3);
  expect(legs([])).toEqual([]);
  expect(legs([[108, 15]])).toEqual([]);
  expect(
    legs([
      [0, 0],
      [1, 0],
      [1, 0],
    ]),
  ).toEqual([distance([0, 0], [1, 0]), 0]);
});

test("areas do not depend on the way a ring turns", () => {
  const ring = [
    [108, 15],
    [108.1, 15],
    [108.1, 15.1],
    [108, 15.1],
  ] as const;
  const { area, perimeter } = measureRing(ring);
  // As PostGIS: ST_Area and ST_Perimeter of the geography.
  expect(area).toBeCloseTo(118_976_047.56, 1);
  expect(perimeter).toBeCloseTo(43_634.92, 1);
  expect(measureRing([...ring].reverse()).area).toBeCloseTo(area, 3);
  expect(measureRing([])).toEqual({ area: 0, perimeter: 0 });
  for (const corner of circle([108, 15], 5000, 8)) {
    expect(distance([108, 15], corner)).toBeCloseTo(5000, 6);
  }
});

test("measurements are kept in the address and read again", () => {
  const measured = { kind: "area" as const, points: [[108, 15] as const, [108.5, 15.25] as const] };
  const written = writeMeasured(measured);
  expect(written).toBe("area:108,15;108.5,15.25");
  expect(readMeasured(written)).toEqual(measured);
  expect(writeMeasured({ kind: "distance", points: [] })).toBeNull();
  for (const bad of [null, "", "area:", "volume:1,2", "area:1", "distance:1,2;x,y"])
    expect(readMeasured(bad).points).toEqual([]);
});

test("lengths and areas are written as Vietnamese do, or English", () => {
  expect([0, 12.345, 999.4, 1234.5, 123_456].map(formatLength)).toEqual([
    "0\u00a0m",
    "12,3\u00a0m",
    "999\u00a0m",
    "1,23\u00a0km",
    "123,5\u00a0km",
  ]);
  expect(formatArea(950)).toEqual(["950\u00a0m²"]);
  expect(formatArea(25_310)).toEqual(["2,53\u00a0ha", "25.310\u00a0m²"]);
  expect(formatArea(118_932_498)).toEqual([
    "118,9\u00a0km²",
    "11.893,25\u00a0ha",
    "118.932.498\u00a0m²",
  ]);
  Object.assign(globalThis, { document: { documentElement: {} } });
  setLanguage("en");
  expect(formatLength(1234.5)).toBe("1.23\u00a0km");
  expect(formatArea(118_932_498)[1]).toBe("11,893.25\u00a0ha");
});

test("opacities are multiplied inside of expressions of the zoom", () => {
  expect(faded(0.9, 0.5)).toBe(0.45);
  expect(faded(["get", "o"], 0.5)).toEqual(["*", ["get", "o"], 0.5]);
  expect(faded(["interpolate", ["linear"], ["zoom"], 8, 0, 11, 0.8], 0.5)).toEqual([
    "interpolate",
    ["linear"],
    ["zoom"],
    8,
    0,
    11,
    0.4,
  ]);
  expect(faded(["step", ["zoom"], 1, 8, ["match", 1]], 0.5)).toEqual([
    "step",
    ["zoom"],
    0.5,
    8,
    ["*", ["match", 1], 0.5],
  ]);
  expect(fadedPaint({ id: "a", type: "symbol", source: "s" }, 0.3)).toEqual([
    ["icon-opacity", 0.3],
    ["text-opacity", 0.3],
  ]);
  expect(fadedPaint({ id: "a", type: "background" }, 0.3)).toEqual([]);
});

test("opacities are read from the address, of layers that there are", () => {
  const layers = [{ id: "hotels" }, { id: "alerts" }];
  const read = (hash: string) => [...readOpacities(hash, layers)];
  expect(read("#opacity=hotels%3A60%2Calerts%3A5")).toEqual([
    ["hotels", 60],
    ["alerts", 5],
  ]);
  expect(read("#opacity=hotels:100,nope:50,alerts:x,alerts:1000,hotels")).toEqual([]);
  expect(read("#map=1/2/3")).toEqual([]);
});
