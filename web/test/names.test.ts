import { expect, test } from "vitest";
import { namePoint, ringArea } from "../src/map/names";

const square = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
  [0, 0],
];

test("the area of a ring, either way round, closed or not", () => {
  expect(ringArea(square)).toBe(16);
  expect(ringArea([...square].reverse())).toBe(16);
  expect(ringArea(square.slice(0, 4))).toBe(16);
  expect(ringArea([])).toBe(0);
});

test("a square's name is in its middle", () => {
  expect(namePoint([square])).toEqual([2, 2]);
});

test("a name is in the wide part, not in the middle of the box", () => {
  const spoon = [
    [0, 0],
    [6, 0],
    [6, 3],
    [1, 3],
    [1, 10],
    [0, 10],
    [0, 0],
  ];
  const [x, y] = namePoint([spoon]) ?? [];
  expect(x).toBe(3);
  expect(y).toBeLessThan(3);
});

test("a name is not in a hole", () => {
  const hole = [
    [1, 1],
    [3.5, 1],
    [3.5, 3],
    [1, 3],
    [1, 1],
  ];
  const [x = 0, y = 0] = namePoint([square, hole]) ?? [];
  expect(x > 1 && x < 3.5 && y > 1 && y < 3).toBe(false);
});

test("what has no inside has no name", () => {
  expect(namePoint([])).toBeNull();
  expect(namePoint([[[1, 1]]])).toBeNull();
});
