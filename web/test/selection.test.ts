import { expect, test } from "vitest";
import type { Column } from "../src/config";
import {
  boxBetween,
  circleThrough,
  groundOf,
  MOST_CORNERS,
  question,
  readSelection,
  type Selection,
  sizeOf,
  type Unit,
  writeSelection,
} from "../src/tools/area/selection";
import { crossesItself, readPath, simplified, wkt, writePath } from "../src/tools/shapes";

const SQUARE: Selection = { kind: "box", box: [108, 15, 108.1, 15.1] };
const layer = (...names: string[]) => ({
  geometryColumn: "geom",
  columns: names.map((name) => ({ name }) as Column),
});

/** A unit with a boundary of that many corners round a centre, rough like a real one. */
function unit(corners: number, code = "502"): Unit {
  const ring = Array.from({ length: corners }, (_, at): GeoJSON.Position => {
    const reach = 0.1 + 0.004 * Math.sin(at * 7) + 0.01 * Math.sin(at / 30);
    const turn = (2 * Math.PI * at) / corners;
    return [108.3 + reach * Math.cos(turn), 15.6 + reach * Math.sin(turn)];
  });
  const coordinates = [[...ring, ring[0] ?? []]];
  return { code, name: "Tam Ky", level: "district", geometry: { type: "Polygon", coordinates } };
}

test.each<[Selection, string]>([
  [SQUARE, "box:108,15;108.1,15.1"],
  [
    {
      kind: "polygon",
      corners: [
        [108, 15],
        [108.5, 15.25],
        [108, 15.5],
      ],
    },
    "polygon:108,15;108.5,15.25;108,15.5",
  ],
  [{ kind: "circle", centre: [108.33, 15.88], metres: 5000 }, "circle:108.33,15.88;5000"],
  [{ kind: "unit", code: "20341" }, "unit:20341"],
])("%o is kept in the address and read again", (selection, written) => {
  expect(writeSelection(selection)).toBe(written);
  expect(readSelection(written)).toEqual(selection);
});

test.each([
  null,
  "",
  "box",
  "box:1,2",
  "box:108,15;108,15",
  "box:109,15;108,16",
  "box:1,2;3,4;5,6",
  "box:1,2;x,4",
  "box:1,;3,4",
  "box:1,2;3,400",
  "polygon:1,2;3,4",
  "polygon:1,2;3,4;NaN,5",
  `polygon:${"1,2;".repeat(MOST_CORNERS)}3,4`,
  "circle:1,2",
  "circle:1,2;-5",
  "circle:1,2;0",
  "circle:1,2;5e9",
  "circle:1,2,3;5",
  "unit:",
  "star:1,2",
])("no area: %s", (written) => {
  expect(readSelection(written)).toBeNull();
});

test("paths are rounded to a decimetre", () => {
  expect(writePath([[108.123456789, -15.00000001]])).toBe("108.123457,-15");
  expect(readPath("108.1,15;1,2", 1)).toBeNull();
});

test("areas become the conditions of each layer", () => {
  expect(question(SQUARE, null, false).condition(layer())).toBe(
    "S_INTERSECTS(geom, POLYGON((108 15,108.1 15,108.1 15.1,108 15.1,108 15)))",
  );
  expect(question(SQUARE, null, true).condition(layer())).toMatch(/^S_WITHIN\(geom, POLYGON/);
  const circle: Selection = { kind: "circle", centre: [108.33, 15.88], metres: 5000 };
  expect(question(circle, null, false).condition(layer())).toBe(
    "S_DWITHIN(geom, POINT(108.33 15.88), 5000)",
  );
  expect(question(circle, null, true).condition(layer())).toMatch(/^S_WITHIN\(geom, POLYGON/);
});

test("a unit is asked for by its code where a layer has it, else by its boundary", () => {
  const selection: Selection = { kind: "unit", code: "502" };
  const small = question(selection, unit(20), false);
  expect(small.condition(layer("district_code"))).toBe("district_code = '502'");
  expect(small.condition(layer("commune_code"))).toMatch(/^S_INTERSECTS\(geom, MULTIPOLYGON/);
  expect(small.corners).toBeNull();
  const large = question(selection, unit(2000), false);
  expect(large.corners).toBeLessThanOrEqual(MOST_CORNERS);
  expect(large.condition(layer()).length).toBeLessThan(4500);
  expect(question(selection, null, false).condition(layer())).toBe("FALSE");
});

test("a boundary is simplified to so many corners, without crossing itself", () => {
  const rough = unit(3000).geometry;
  const { geometry, changed } = simplified(rough, 150);
  const [ring = []] = geometry.coordinates[0] ?? [];
  expect(changed).toBe(true);
  expect(ring.length).toBeGreaterThan(20);
  expect(ring.length).toBeLessThanOrEqual(150);
  expect(ring[0]).toEqual(ring.at(-1));
  expect(crossesItself(ring.slice(0, -1))).toBe(false);
  const before = sizeOf(rough);
  expect(Math.abs(sizeOf(geometry) - before) / before).toBeLessThan(0.03);
  expect(simplified(unit(100).geometry, 150).changed).toBe(false);
});

test("islands too small to matter are left out, holes are kept", () => {
  const square = (x: number, y: number, size: number): GeoJSON.Position[] => [
    [x, y],
    [x + size, y],
    [x + size, y + size],
    [x, y + size],
    [x, y],
  ];
  const islands = Array.from({ length: 60 }, (_, at) => [square(109 + at / 100, 15, 1e-4)]);
  const coordinates = [[square(108, 15, 1), square(108.4, 15.4, 0.2)], ...islands];
  const { geometry } = simplified({ type: "MultiPolygon", coordinates }, 150);
  expect(geometry.coordinates.length).toBe(1);
  expect(geometry.coordinates[0]?.length).toBe(2);
  expect(wkt(geometry)).toMatch(/^MULTIPOLYGON\(\(\(108 15,.*\),\(108.4 15.4,/);
});

test("sides that cross are seen", () => {
  const square = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ];
  expect(crossesItself(square)).toBe(false);
  expect(crossesItself([square[0] ?? [], square[2] ?? [], square[1] ?? [], square[3] ?? []])).toBe(
    true,
  );
});

test("rectangles and circles from two points", () => {
  expect(boxBetween([2, 1], [1, 3])).toEqual({ kind: "box", box: [1, 1, 2, 3] });
  expect(boxBetween([2, 1], [2, 3])).toBeNull();
  expect(circleThrough([108, 15], [108, 15])).toBeNull();
  const circle = circleThrough([108.33, 15.88], [108.33, 15.88 + 0.01]);
  expect(circle).toMatchObject({ kind: "circle", metres: 1107 });
  const ground = circle && groundOf(circle, null);
  const area = ground ? sizeOf(ground) : 0;
  expect(area / (Math.PI * 1107 ** 2)).toBeCloseTo(0.998, 2);
});
