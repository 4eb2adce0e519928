import { expect, test } from "vitest";
import {
  byDistrict,
  byGroup,
  chosen,
  complete,
  type Data,
  doses,
  hashOf,
  numbersOf,
  share,
} from "../src/progress/data";
import { limitsOf, shownOf } from "../src/progress/map";
import { shown } from "../src/progress/table";

const cell = (district: string, priority_group: string, number: number, doses: number | null) => ({
  district,
  priority_group,
  number,
  doses,
});
const district = (district: string, number: number, doses: number | null, complete = 0) => ({
  district,
  name: district || null,
  number,
  population: 1000,
  doses,
  complete,
});
const DATA: Data = {
  outlines: null,
  units: [
    { code: "a", name: "A", population: 1000 },
    { code: "b", name: "B", population: null },
    { code: "c", name: "C", population: 500 },
  ],
  groups: [
    { value: "front", vi: "Tuyến đầu", en: "Front line" },
    { value: "others", vi: "Khác", en: "Others" },
  ],
  progress: {
    least: 5,
    counted_at: null,
    districts: [district("a", 1, 400), district("a", 2, 120, 120), district("b", 1, null)],
    cells: [
      cell("a", "front", 1, 390),
      cell("a", "others", 1, null),
      cell("a", "front", 2, 120),
      cell("b", "front", 1, null),
    ],
  },
};
const sum = (value: number, short = false) => ({ value, short });

test("districts without a dose are there with nothing, and what few stand for is not told", () => {
  const [a, b, c] = byDistrict(DATA, null, "?");
  expect(a?.doses).toEqual([sum(400), sum(120)]);
  expect(a?.complete).toEqual(sum(120));
  expect(b?.doses).toEqual([sum(0, true), sum(0)]);
  expect(c?.doses).toEqual([sum(0), sum(0)]);
  expect(byDistrict(DATA, "others", "?").map((row) => row.doses[0])).toEqual([
    sum(0, true),
    sum(0),
    sum(0),
  ]);
  expect(byDistrict(DATA, "others", "?")[0]).toMatchObject({ complete: null, population: null });
  expect(complete(DATA.progress, null)).toEqual(sum(120));
  expect(doses(DATA.progress, { district: null, group: null }, 1)).toEqual(sum(400, true));
});

test("groups are of the district, and those without a name come last where there are any", () => {
  const names = (data: Data) => byGroup(data, null, ({ en }) => en, "?").map(({ name }) => name);
  expect(names(DATA)).toEqual(["Front line", "Others"]);
  const cells = [...DATA.progress.cells, cell("", "", 3, 9)];
  const more = { ...DATA, progress: { ...DATA.progress, cells } };
  expect(names(more)).toEqual(["Front line", "Others", "?"]);
  expect(byGroup(DATA, "a", ({ en }) => en, "?").map((row) => row.doses[0])).toEqual([
    sum(390),
    sum(0, true),
  ]);
});

test("people of an unknown home are a row of their own", () => {
  const districts = [...DATA.progress.districts, district("", 1, 7)];
  const rows = byDistrict({ ...DATA, progress: { ...DATA.progress, districts } }, null, "Nowhere");
  expect(rows.at(-1)).toMatchObject({ id: "", name: "Nowhere", population: null });
});

test("a sum without small numbers has a plus, and no share of the population", () => {
  expect([sum(400), sum(400, true), sum(0, true), sum(0)].map(shown)).toEqual([
    "400",
    "400+",
    "–",
    "0",
  ]);
  expect(share(sum(123), 1000)).toBe(12.3);
  expect(share(sum(123, true), 1000)).toBeNull();
  expect(share(sum(123), null)).toBeNull();
});

test("an address chooses what there is, and is made of what is chosen", () => {
  const choice = { district: "a", group: "front", dose: 2 };
  expect(chosen(hashOf(choice), DATA)).toEqual(choice);
  expect(chosen("#district=zz&group=%27&dose=9", DATA)).toEqual({
    district: null,
    group: null,
    dose: 1,
  });
  expect(hashOf({ district: null, group: null, dose: 1 })).toBe("#");
  expect(numbersOf({ ...DATA.progress, districts: [] })).toEqual([1]);
});

test("the map's classes are the same for every dose, and hold every district", () => {
  const rows = byDistrict(DATA, null, "?");
  const limits = limitsOf(rows, true);
  const shares = rows.flatMap((row) => row.doses.map((_, at) => shownOf(row, at, true) ?? 0));
  expect(limits[0]).toBe(0);
  expect(limits.at(-1)).toBeGreaterThanOrEqual(Math.max(...shares));
  expect(limits.length).toBeLessThanOrEqual(6);
  expect(limitsOf(byDistrict(DATA, "front", "?"), false)[0]).toBe(1);
  expect(limitsOf([], true)).toEqual([]);
});

test("a district without a population, or of which not all is told, has no colour of a class", () => {
  const row = { id: "x", name: "X", population: null, doses: [], complete: null };
  const told = { value: 10, short: false };
  expect(shownOf({ ...row, doses: [told] }, 0, true)).toBeNull();
  expect(shownOf({ ...row, doses: [told] }, 0, false)).toBe(10);
  expect(shownOf({ ...row, doses: [{ value: 10, short: true }] }, 0, false)).toBeNull();
  expect(shownOf({ ...row, population: 40, doses: [told] }, 0, true)).toBe(25);
});
