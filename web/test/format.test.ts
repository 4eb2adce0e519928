import { afterEach, beforeAll, expect, vi as stub, test } from "vitest";
import type { Column } from "../src/config";
import { formatValue } from "../src/format";
import { setLanguage } from "../src/language";

const ZONE = "Asia/Ho_Chi_Minh";

function column(part: Partial<Column>): Column {
  const title = { vi: "", en: "" };
  return { name: "x", title, type: "string", format: null, unit: null, codes: null, ...part };
}

beforeAll(() => {
  stub.stubGlobal("document", { documentElement: { lang: "" } });
});
afterEach(() => setLanguage("vi"));

test.each([
  [column({ unit: "{person}" }), 12500, "12.500\u00a0người"],
  [column({ unit: "VND" }), 450000, "450.000\u00a0₫"],
  [column({ unit: "km2" }), 10.5, "10,5\u00a0km²"],
  [column({ format: "date-time" }), "2021-09-01T18:05:00Z", "01:05, 02/09/2021"],
  [column({ format: "date" }), "2021-09-02", "2 tháng 9, 2021"],
  [column({}), true, "Có"],
  [column({ codes: { open: { vi: "Đang mở", en: "Open" } } }), "open", "Đang mở"],
  [column({ codes: { open: { vi: "Đang mở", en: "Open" } } }), "toString", "toString"],
  [column({}), 0, "0"],
])("in Vietnamese %# is as people write it", (one, value, shown) => {
  expect(formatValue(one, value, ZONE)).toBe(shown);
});

test("in English", () => {
  setLanguage("en");
  expect(formatValue(column({ unit: "{room}" }), 1200, ZONE)).toBe("1,200\u00a0rooms");
  expect(formatValue(column({}), false, ZONE)).toBe("No");
});

test.each([null, undefined, ""])("%s is nothing to show", (value) => {
  expect(formatValue(column({}), value, ZONE)).toBeNull();
});

test("what is no date is shown as it is", () => {
  expect(formatValue(column({ format: "date" }), "soon", ZONE)).toBe("soon");
  expect(formatValue(column({ format: "date-time" }), "soon", ZONE)).toBe("soon");
});
