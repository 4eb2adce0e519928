import { expect, test } from "vitest";
import type { Column } from "../src/config";
import { all, containing, property, text } from "../src/map/cql2";
import {
  type Condition,
  type Conditions,
  midnight,
  readFilter,
  writeFilter,
} from "../src/tools/filter/conditions";

const ZONE = "Asia/Ho_Chi_Minh";

function column(name: string, type = "string", format: string | null = null): Column {
  return { name, title: { vi: name, en: name }, type, format, unit: null, codes: null };
}

const COLUMNS = [
  column("state"),
  column("wifi", "boolean"),
  column("in"),
  column('odd "name"'),
  column("people", "integer"),
  column("opened_on", "string", "date"),
  column("reported_at", "string", "date-time"),
  column("name"),
  column("state_note"),
];

function written(...asked: [string, Condition][]): string | null {
  return writeFilter(COLUMNS, new Map(asked), ZONE);
}

test.each<[string, [string, Condition][]]>([
  ["state = 'open'", [["state", { kind: "codes", values: ["open"] }]]],
  ["state IN ('open', 'it''s')", [["state", { kind: "codes", values: ["open", "it's"] }]]],
  ["(state = 'a' OR state IS NULL)", [["state", { kind: "codes", values: ["a", null] }]]],
  [
    "(state IN ('a', 'b') OR state IS NULL)",
    [["state", { kind: "codes", values: ["a", "b", null] }]],
  ],
  ["state IS NULL", [["state", { kind: "codes", values: [null] }]]],
  [`"in" = 'x AND y'`, [["in", { kind: "codes", values: ["x AND y"] }]]],
  [`"odd ""name""" = ') OR ('`, [['odd "name"', { kind: "codes", values: [") OR ("] }]]],
  ["wifi = FALSE", [["wifi", { kind: "flag", value: false }]]],
  ["people >= -1.5 AND people <= 20", [["people", { kind: "numbers", from: -1.5, to: 20 }]]],
  ["people <= 0", [["people", { kind: "numbers", from: null, to: 0 }]]],
  [
    "opened_on >= DATE('2021-08-01') AND opened_on <= DATE('2021-08-31')",
    [["opened_on", { kind: "days", from: "2021-08-01", to: "2021-08-31" }]],
  ],
  [
    "reported_at >= TIMESTAMP('2021-12-31T00:00:00+07:00') AND reported_at < TIMESTAMP('2022-01-01T00:00:00+07:00')",
    [["reported_at", { kind: "days", from: "2021-12-31", to: "2021-12-31" }]],
  ],
  [
    "CASEI(ACCENTI(name)) LIKE CASEI(ACCENTI('%Tam K''ỳ 5\\% a\\_b%'))",
    [["name", { kind: "words", letters: "Tam K'ỳ 5% a_b" }]],
  ],
  [
    "state IN ('open', 'closed') AND wifi = TRUE AND people >= 5 AND state_note = 'x'",
    [
      ["state", { kind: "codes", values: ["open", "closed"] }],
      ["wifi", { kind: "flag", value: true }],
      ["people", { kind: "numbers", from: 5, to: null }],
      ["state_note", { kind: "codes", values: ["x"] }],
    ],
  ],
])("%s", (filter, asked) => {
  expect(written(...asked)).toBe(filter);
  expect(readFilter(filter, COLUMNS, ZONE)).toEqual(new Map(asked));
});

test("what asks for nothing writes nothing", () => {
  expect(written()).toBeNull();
  expect(written(["state", { kind: "codes", values: [] }])).toBeNull();
  expect(written(["name", { kind: "words", letters: " " }])).toBeNull();
  expect(written(["people", { kind: "numbers", from: null, to: null }])).toBeNull();
  expect(written(["unknown", { kind: "codes", values: ["a"] }])).toBeNull();
});

test.each([
  "state = 'open' OR wifi = TRUE",
  "state <> 'open'",
  "state  = 'open'",
  "NOT state = 'open'",
  "wifi",
  "people > 5",
  "people >= 5 AND people >= 6",
  "people >= x",
  "people * 2 >= 5",
  "nope = 'a'",
  "S_INTERSECTS(geom, POINT(1 2))",
  "state = 'open",
  "state IN ()",
  "(state = 'a' OR people IS NULL)",
  "",
  "'",
])("a filter that the form cannot show is left alone: %s", (filter) => {
  expect(readFilter(filter, COLUMNS, ZONE)).toBeNull();
});

test("hostile texts stay texts", () => {
  expect(text("a'; DROP")).toBe("'a''; DROP'");
  expect(containing("\\'")).toBe("'%''%'");
  expect(() => text("a\\")).toThrow(RangeError);
  expect(() => text("a\\'b")).toThrow(RangeError);
  expect(text("a\\b")).toBe("'a\\b'");
  const letters = "\\' OR TRUE OR name LIKE '%";
  const filter = written(["name", { kind: "words", letters }]) ?? "";
  const read: Conditions | null = readFilter(filter, COLUMNS, ZONE);
  expect(read).toEqual(new Map([["name", { kind: "words", letters: letters.replace("\\", "") }]]));
});

test("names are quoted where they could be read as something else", () => {
  expect(["people", "_a1", "Or", "a b", 'a"b', "đ", "1a"].map(property)).toEqual([
    "people",
    "_a1",
    '"Or"',
    '"a b"',
    '"a""b"',
    '"đ"',
    '"1a"',
  ]);
});

test("an OR is kept together when others are joined to it", () => {
  expect(all(["a = 1 OR b = 2", null, "c = 3"])).toBe("(a = 1 OR b = 2) AND c = 3");
  expect(all(["a = ' OR '", "(b OR c)"])).toBe("a = ' OR ' AND (b OR c)");
  expect(all(["a = 1 OR b = 2", ""])).toBe("a = 1 OR b = 2");
  expect(all([null])).toBeNull();
});

test("days begin at midnight of the province", () => {
  expect(midnight("2021-08-01", ZONE)).toBe("2021-08-01T00:00:00+07:00");
  expect(midnight("2021-08-01", "UTC")).toBe("2021-08-01T00:00:00+00:00");
});
