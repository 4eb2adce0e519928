import { expect, test, vi } from "vitest";

// The library draws with WebGL, which is not here; what is tested does not draw.
vi.mock("../src/map/library", () => ({ MapLibre: class {} }));
const { Pace } = await import("../src/map/paced-map");

function frames(pace: InstanceType<typeof Pace>, count: number, ms: number): void {
  for (let frame = 0; frame < count; frame++) pace.took(ms);
}

test("a device that keeps pace draws all pixels", () => {
  const pace = new Pace();
  frames(pace, 100, 16.7);
  pace.rest();
  expect(pace.share).toBe(1);
});

test("one slow frame tells nothing", () => {
  const pace = new Pace();
  pace.took(400);
  expect(pace.share).toBe(1);
  frames(pace, 20, 16.7);
  expect(pace.share).toBe(1);
});

test("slow frames make it coarser step by step, to a half and no further", () => {
  const pace = new Pace();
  frames(pace, 5, 100);
  expect(pace.share).toBe(0.7);
  frames(pace, 5, 60);
  expect(pace.share).toBe(0.5);
  frames(pace, 100, 60);
  expect(pace.share).toBe(0.5);
});

test("the next move begins as the last one ended, and finer where that was easy", () => {
  const pace = new Pace();
  frames(pace, 10, 100);
  frames(pace, 10, 30);
  pace.rest();
  expect(pace.share).toBe(0.5);
  frames(pace, 10, 16.7);
  pace.rest();
  expect(pace.share).toBe(0.7);
  pace.rest();
  expect(pace.share).toBe(0.7);
});
