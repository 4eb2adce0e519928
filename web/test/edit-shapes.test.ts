import { expect, test } from "vitest";
import {
  beginning,
  inserted,
  isSame,
  metres,
  middles,
  moved,
  point,
  removed,
  vertices,
} from "../src/edit/shapes";

const SQUARE: GeoJSON.MultiPolygon = {
  type: "MultiPolygon",
  coordinates: [
    [
      [
        [0, 0],
        [2, 0],
        [2, 2],
        [0, 2],
        [0, 0],
      ],
    ],
  ],
};

test("a ring has as many vertices as corners, and a middle on each side", () => {
  expect(vertices(SQUARE).map(({ at }) => at)).toEqual([
    [0, 0],
    [2, 0],
    [2, 2],
    [0, 2],
  ]);
  expect(middles(SQUARE).map(({ at }) => at)).toEqual([
    [1, 0],
    [2, 1],
    [1, 2],
    [0, 1],
  ]);
});

test("moving the first vertex of a ring moves its end as well, and nothing of the original", () => {
  const before = JSON.stringify(SQUARE);
  const next = moved(SQUARE, [0, 0, 0], [-1, -1]) as GeoJSON.MultiPolygon;
  expect(next.coordinates[0]?.[0]?.[0]).toEqual([-1, -1]);
  expect(next.coordinates[0]?.[0]?.[4]).toEqual([-1, -1]);
  expect(JSON.stringify(SQUARE)).toBe(before);
});

test("a vertex put into the last side stands before the end", () => {
  const last = middles(SQUARE)[3];
  const next = inserted(SQUARE, last?.path ?? [], last?.at ?? [9, 9]);
  expect(vertices(next).map(({ at }) => at)).toEqual([
    [0, 0],
    [2, 0],
    [2, 2],
    [0, 2],
    [0, 1],
  ]);
});

test("a ring keeps three corners, a line two ends, a point itself", () => {
  const triangle = removed(SQUARE, [0, 0, 0]);
  expect(triangle && vertices(triangle)).toHaveLength(3);
  expect((triangle as GeoJSON.MultiPolygon).coordinates[0]?.[0]?.[3]).toEqual([2, 0]);
  expect(triangle && removed(triangle, [0, 0, 1])).toBeNull();
  const line = beginning("LineString", [108, 15], 1);
  expect(removed(line, [0])).toBeNull();
  expect(removed(point([108, 15]), [])).toBeNull();
});

test.each(["LineString", "MultiLineString", "Polygon", "MultiPolygon", "MultiPoint", "Point"])(
  "a new %s is of its layer's type and has vertices to move",
  (type) => {
    const made = beginning(type, [108, 15], 0.5);
    expect(made.type).toBe(type);
    expect(vertices(made).length).toBeGreaterThan(0);
    const { path } = vertices(made)[0] ?? { path: [] };
    expect(isSame(moved(made, path, [107, 14]), made)).toBe(false);
  },
);

test("a layer of any geometry begins with a point", () => {
  expect(beginning("Geometry", [108, 15], 1)).toEqual(point([108, 15]));
});

test("positions are kept to 7 decimals, and a degree of latitude is 111 km", () => {
  expect(point([108.123456789, 15]).coordinates).toEqual([108.1234568, 15]);
  expect(metres([108, 15], [108, 16])).toBeCloseTo(111_195, -1);
});
