import { expect, test } from "vitest";
import {
  changesOf,
  type FormColumn,
  type FormRecord,
  faultOf,
  fieldsOf,
  givenOf,
  isRequired,
  kindOf,
  rawOf,
  rawsOf,
  sentOf,
} from "../src/edit/fields";
import { wallTime } from "../src/edit/wall-time";

const ZONE = "Asia/Ho_Chi_Minh";

function column(part: Partial<FormColumn>): FormColumn {
  return {
    name: "x",
    title: { vi: "", en: "" },
    type: "string",
    format: null,
    unit: null,
    codes: null,
    description: null,
    minimum: null,
    maximum: null,
    maxLength: null,
    nullable: true,
    hasDefault: false,
    default: null,
    write: "always",
    ...part,
  };
}

const CODES = { open: { vi: "Mở", en: "Open" } };
const NAME = column({ name: "name", nullable: false, maxLength: 5 });
const STATE = column({
  name: "state",
  codes: CODES,
  nullable: false,
  hasDefault: true,
  default: "open",
});
const COUNT = column({ name: "count", type: "integer", minimum: 0, maximum: 10 });
const SHARE = column({ name: "share", type: "number" });
const FLAG = column({ name: "flag", type: "boolean" });
const AT = column({ name: "at", format: "date-time" });
const DAY = column({ name: "day", format: "date" });

test("each column has the kind of control that its record calls for", () => {
  const long = column({ maxLength: 4000 });
  expect([NAME, STATE, COUNT, SHARE, FLAG, AT, DAY, long].map(kindOf)).toEqual([
    "text",
    "code",
    "integer",
    "number",
    "flag",
    "moment",
    "date",
    "long",
  ]);
});

test("what the server writes has no field, what is given once only one at the creation", () => {
  const record = {
    columns: [column({ name: "id", write: "once" }), NAME, column({ name: "by", write: "never" })],
  } as FormRecord;
  const names = (creating: boolean) => fieldsOf(record, creating).map(({ name }) => name);
  expect(names(true)).toEqual(["id", "name"]);
  expect(names(false)).toEqual(["name"]);
});

test("a default spares the creator a value, but it cannot be emptied later", () => {
  expect(isRequired(STATE, true)).toBe(false);
  expect(isRequired(STATE, false)).toBe(true);
  expect(isRequired(NAME, true)).toBe(true);
  expect(isRequired(COUNT, false)).toBe(false);
});

test("times are those of clocks in the province, wherever the device is", () => {
  expect(rawOf(AT, "2021-09-01T18:05:59Z", ZONE)).toBe("2021-09-02T01:05");
  expect(wallTime("2021-09-01T17:00:00Z", ZONE)).toBe("2021-09-02T00:00");
  expect(wallTime("2021-12-31T23:30:00Z", "America/New_York")).toBe("2021-12-31T18:30");
  expect(wallTime("never", ZONE)).toBe("");
  // Without a zone: the server takes it as the province's.
  expect(sentOf(AT, "2021-09-02T01:05")).toBe("2021-09-02T01:05");
});

test("values go into controls and come back as they were", () => {
  const columns = [NAME, STATE, COUNT, SHARE, FLAG, DAY];
  const properties = { name: "Hội", state: "open", count: 0, share: 2.5, flag: false, day: null };
  const raws = rawsOf(columns, properties, ZONE);
  expect(raws).toEqual({
    name: "Hội",
    state: "open",
    count: "0",
    share: "2.5",
    flag: "false",
    day: "",
  });
  expect(
    Object.fromEntries(columns.map((one) => [one.name, sentOf(one, raws[one.name] ?? "")])),
  ).toEqual(properties);
  expect(rawsOf([STATE, COUNT], null, ZONE)).toEqual({ state: "open", count: "" });
});

test.each([
  [NAME, "", "ruleRequired"],
  [NAME, "   ", "ruleRequired"],
  [NAME, "sáu từ", "ruleLength"],
  // Letters with marks of their own count as one, as the database counts them.
  [NAME, "Hội a".normalize("NFD"), undefined],
  [COUNT, "1.5", "ruleInteger"],
  [COUNT, "?", "ruleInteger"],
  [COUNT, "-1", "ruleMinimum"],
  [COUNT, "11", "ruleMaximum"],
  [COUNT, "10", undefined],
  [COUNT, "", undefined],
  [SHARE, "?", "ruleNumber"],
  [SHARE, "1e400", "ruleNumber"],
  [SHARE, "-2.5", undefined],
  [DAY, "2021-9-1", "ruleDate"],
  [AT, "2021-09-01", "ruleMoment"],
  [STATE, "", "ruleRequired"],
])("%# a value is held against its rule", (one, raw, rule) => {
  expect(faultOf(one, raw, false)?.text).toBe(rule);
});

test("a fault tells the bound that was broken", () => {
  expect(faultOf(COUNT, "11", false)?.values).toEqual({ n: 10 });
});

test("only what has changed is sent, and an emptied field as null", () => {
  const columns = [NAME, COUNT, FLAG, AT];
  const before = rawsOf(
    columns,
    { name: "A", count: 3, flag: true, at: "2021-09-01T18:05:59Z" },
    ZONE,
  );
  expect(changesOf(columns, before, { ...before })).toEqual({});
  expect(changesOf(columns, before, { ...before, count: "", flag: "false" })).toEqual({
    count: null,
    flag: false,
  });
});

test("a new feature is sent without what nobody filled in", () => {
  expect(givenOf([NAME, COUNT, FLAG], { name: " Hội ", count: "", flag: "" })).toEqual({
    name: "Hội",
  });
});
