import { afterEach, beforeAll, expect, vi as stub, test } from "vitest";
import { differences, merged, SHAPE } from "../src/edit/conflict";
import type { FormColumn } from "../src/edit/fields";
import { lines } from "../src/edit/history";
import { type Change, Refusal } from "../src/edit/server";
import { point } from "../src/edit/shapes";
import { columnFaults, moveWords, rawWords, refusalWords } from "../src/edit/words";
import { setLanguage } from "../src/locale";

const ZONE = "Asia/Ho_Chi_Minh";
const COLUMNS = ["state", "officers", "hours", "seen"].map(
  (name): FormColumn => ({
    name,
    title: { vi: `Cột ${name}`, en: `Column ${name}` },
    type: name === "officers" ? "integer" : "string",
    format: name === "seen" ? "date-time" : null,
    unit: name === "officers" ? "{person}" : null,
    codes:
      name === "state"
        ? { open: { vi: "Đang mở", en: "Open" }, closed: { vi: "Tạm đóng", en: "Closed" } }
        : null,
    description: null,
    minimum: null,
    maximum: null,
    maxLength: null,
    nullable: true,
    hasDefault: false,
    default: null,
    write: "always",
  }),
);
const BASE = { raws: { state: "open", officers: "4", hours: "" }, geometry: point([108, 15]) };

beforeAll(() => {
  stub.stubGlobal("document", { documentElement: { lang: "" } });
});
afterEach(() => setLanguage("vi"));

test("a conflict tells who has changed what; what both agree on is none", () => {
  const mine = {
    raws: { state: "closed", officers: "6", hours: "7:00" },
    geometry: point([108, 15]),
  };
  const theirs = {
    raws: { state: "closed", officers: "5", hours: "" },
    geometry: point([108, 15.1]),
  };
  const found = differences(COLUMNS, BASE, mine, theirs);
  expect(found).toEqual([
    { column: "state", by: "theirs" },
    { column: "officers", by: "both" },
    { column: "hours", by: "mine" },
    { column: SHAPE, by: "theirs" },
  ]);
  const theirsKept = merged(found, mine, theirs, new Set());
  expect(theirsKept.raws).toEqual({ state: "closed", officers: "5", hours: "7:00" });
  expect(theirsKept.geometry).toEqual(theirs.geometry);
  const mineKept = merged(found, mine, theirs, new Set(["officers"]));
  expect(mineKept.raws.officers).toBe("6");
});

test("a shape that both have moved is chosen like a column", () => {
  const mine = { ...BASE, geometry: point([108.2, 15]) };
  const theirs = { ...BASE, geometry: point([108.1, 15]) };
  const found = differences(COLUMNS, BASE, mine, theirs);
  expect(found).toEqual([{ column: SHAPE, by: "both" }]);
  expect(merged(found, mine, theirs, new Set([SHAPE])).geometry).toEqual(mine.geometry);
});

test("history speaks in labels, names and distances", async () => {
  const change: Change = {
    version: 7,
    at: "2021-09-01T18:05:00Z",
    actor: "can.bo",
    operation: "update",
    changes: [
      { column: "state", before: "open", after: "closed" },
      { column: "officers", before: null, after: 6 },
      { column: "hours", before: "503", after: "504" },
      { column: "geometry", before: point([108, 15]), after: point([108, 15.001]) },
    ],
    before: null,
    after: null,
  };
  const nameOf = (column: string, value: unknown): Promise<string | null> =>
    Promise.resolve(column === "hours" && value === "503" ? "Hội An" : null);
  expect(await lines(change, COLUMNS, ZONE, nameOf)).toEqual([
    { title: "Cột state", before: "Đang mở", after: "Tạm đóng" },
    { title: "Cột officers", before: "(trống)", after: "6\u00a0người" },
    { title: "Cột hours", before: "Hội An", after: "504" },
    { title: "Vị trí", before: "", after: "dời 111 m" },
  ]);
  setLanguage("en");
  const [first] = await lines(change, COLUMNS, ZONE, nameOf);
  expect(first).toEqual({ title: "Column state", before: "Open", after: "Closed" });
});

test("a shape of many vertices is counted", () => {
  const line: GeoJSON.LineString = {
    type: "LineString",
    coordinates: [
      [0, 0],
      [1, 1],
    ],
  };
  expect(moveWords(line, null)).toBe("2 đỉnh → (trống)");
  expect(moveWords(point([0, 0]), point([0, 1]))).toBe("dời 111,2 km");
});

test("a time that was typed is shown as it was typed", () => {
  expect(rawWords(COLUMNS[3] as FormColumn, "2021-09-02T01:05")).toBe("01:05, 02/09/2021");
  expect(rawWords(COLUMNS[1] as FormColumn, "6")).toBe("6\u00a0người");
  expect(rawWords(COLUMNS[1] as FormColumn, "")).toBe("(trống)");
});

test("the server's faults stand by column, in the language in use", () => {
  const rule = { vi: "phải là số nguyên", en: "must be a whole number" };
  const refusal = new Refusal(422, {
    errors: [
      { column: "officers", rule },
      { column: null, rule: { vi: "không khớp", en: "do not agree" } },
    ],
  });
  expect(columnFaults(refusal)).toEqual(
    new Map([
      ["officers", "Phải là số nguyên"],
      ["", "Không khớp"],
    ]),
  );
  expect(columnFaults(new Error("x"))).toEqual(new Map());
  setLanguage("en");
  expect(columnFaults(refusal).get("officers")).toBe("Must be a whole number");
});

test("each refusal has words of its own", () => {
  const said = [0, 401, 403, 404, 409, 413, 422, 503].map((status) =>
    refusalWords(new Refusal(status, {})),
  );
  expect(new Set(said).size).toBe(said.length);
});
