import { expect, test, vi } from "vitest";
import { between, headingOf } from "../src/team/compass";
import { bearing, compassPoint, distance } from "../src/team/geo";
import { applied, nextStep, type Snapshot, type Task } from "../src/team/model";
import { AGAIN_MS, type Fix, isWorthTelling, Sharer, type Sharing } from "../src/team/position";

const HERE = { lon: 108.33, lat: 15.88 };
const task = (id: string, state: string): Task => ({
  ...HERE,
  id,
  code: `S${id}`,
  category: "trapped",
  priority: "high",
  state,
  people: 3,
  injured: null,
  children: null,
  elderly: null,
  commune_code: null,
  accuracy_m: 10,
  reported_at: "2021-10-01T03:00:00Z",
  assigned_at: "2021-10-01T03:05:00Z",
});
const told: Snapshot = {
  login: "doi.1",
  at: 0,
  teams: [
    {
      ...HERE,
      id: 1,
      code: "T1",
      name: "Team",
      state: "busy",
      position_at: "2021-10-01T03:00:00Z",
      tasks: [task("a", "assigned"), task("b", "on_site"), task("c", "en_route")],
    },
  ],
  more: {},
};

test("a degree of latitude is 111 km, one of longitude less the farther from the equator", () => {
  expect(distance(HERE, { lon: HERE.lon, lat: HERE.lat + 1 })).toBeCloseTo(111_195, -1);
  const east = distance(HERE, { lon: HERE.lon + 1, lat: HERE.lat });
  expect(east / 111_195).toBeCloseTo(Math.cos((HERE.lat * Math.PI) / 180), 4);
});

test.each([
  [0, 1, 0, "north"],
  [1, 1, 44, "northEast"],
  [1, 0, 90, "east"],
  [0, -1, 180, "south"],
  [-1, -1, 224, "southWest"],
  [-1, 0, 270, "west"],
] as const)("%s east and %s north is the bearing %s, %s", (east, north, degrees, point) => {
  const found = bearing(HERE, { lon: HERE.lon + east / 100, lat: HERE.lat + north / 100 });
  expect(Math.abs(found - degrees)).toBeLessThan(1);
  expect(compassPoint(found)).toBe(point);
});

test("just west of north is north", () => {
  expect(compassPoint(359)).toBe("north");
  expect(compassPoint(337)).toBe("northWest");
});

test("what was reported is shown before the server has it", () => {
  const shown = applied(told, [
    { kind: "step", request: "a", code: "Sa", value: "en_route" },
    { kind: "step", request: "b", code: "Sb", value: "resolved" },
    { kind: "decline", request: "c", code: "Sc", value: "decline" },
    { kind: "team", team: 1, code: "Team", value: "off" },
  ]);
  expect(shown.teams[0]?.state).toBe("off");
  expect(shown.teams[0]?.tasks.map(({ id, state }) => [id, state])).toEqual([["a", "en_route"]]);
  expect(told.teams[0]?.tasks).toHaveLength(3);
});

test("the steps of a task follow one another", () => {
  const states = ["assigned", "en_route", "on_site", "resolved", "verified"];
  expect(states.map(nextStep)).toEqual(["en_route", "on_site", "resolved", null, null]);
});

test("a position is told seldom, and only when there is something to tell", () => {
  const at = (seconds: number, metres: number): Fix => ({
    lon: HERE.lon,
    lat: HERE.lat + metres / 111_195,
    accuracy_m: 5,
    at: seconds * 1000,
  });
  const last = at(0, 0);
  expect(isWorthTelling(last, null)).toBe(true);
  expect(isWorthTelling(at(29, 500), last)).toBe(false);
  expect(isWorthTelling(at(30, 500), last)).toBe(true);
  expect(isWorthTelling(at(60, 10), last)).toBe(false);
  expect(isWorthTelling(at(120, 0), last)).toBe(true);
});

test("a position that could not be sent is not sent later, and the reason is told", async () => {
  const sent: object[] = [];
  const how: Sharing[] = [];
  let fault: { status: number } | null = { status: 0 };
  const sharer = new Sharer(
    7,
    async (_, body) => {
      if (fault) throw fault;
      sent.push(body);
    },
    (state) => how.push(state),
  );
  await sharer.tell({ ...HERE, accuracy_m: 5, at: 1000 });
  fault = { status: 403 };
  await sharer.tell({ ...HERE, accuracy_m: 5, at: 2000 });
  fault = null;
  await sharer.tell({ lon: 108.34, lat: 15.89, accuracy_m: 5, at: 3000 });
  await sharer.tell({ lon: 108.35, lat: 15.9, accuracy_m: 5, at: 4000 });
  expect(sent).toEqual([{ lon: 108.34, lat: 15.89, accuracy_m: 5 }]);
  expect(how.map((one) => (one.kind === "failed" ? one.why : one.kind))).toEqual([
    "offline",
    "refused",
    "shared",
  ]);
});

test("a position that comes too soon is told a little later, unless sharing has ended", async () => {
  vi.useFakeTimers();
  let asked = 0;
  const how: string[] = [];
  const sharer = new Sharer(
    7,
    async () => {
      asked += 1;
      if (asked !== 2) throw { status: 429 };
    },
    (state) => how.push(state.kind),
  );
  await sharer.tell({ ...HERE, accuracy_m: 5, at: 1000 });
  expect(how).toEqual([]);
  await vi.advanceTimersByTimeAsync(AGAIN_MS);
  expect(how).toEqual(["shared"]);
  await sharer.tell({ ...HERE, accuracy_m: 5, at: 200_000 });
  sharer.stop();
  await vi.advanceTimersByTimeAsync(2 * AGAIN_MS);
  expect(asked).toBe(3);
  vi.useRealTimers();
});

test("a heading is measured against north, and turned with the screen", () => {
  const measured = (event: object): DeviceOrientationEvent => event as DeviceOrientationEvent;
  expect(headingOf(measured({ absolute: true, alpha: 270 }), 0)).toBe(90);
  expect(headingOf(measured({ absolute: true, alpha: 0 }), 90)).toBe(90);
  expect(headingOf(measured({ absolute: false, alpha: 5, webkitCompassHeading: 350 }), 90)).toBe(
    80,
  );
  expect(headingOf(measured({ absolute: false, alpha: 270 }), 0)).toBeNull();
  expect(headingOf(measured({ absolute: true, alpha: null }), 0)).toBeNull();
  expect(between(355, 5)).toBe(10);
});
