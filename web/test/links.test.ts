import { expect, test } from "vitest";
import { linkOf } from "../src/panel/links";

test.each([
  ["https://quangnam.gov.vn/tin?a=1", "https://quangnam.gov.vn/tin?a=1"],
  ["0905 123 456", "tel:0905123456"],
  ["0235.3852.123", "tel:02353852123"],
  ["+84 905-123-456", "tel:+84905123456"],
  ["115", "tel:115"],
  ["1022", "tel:1022"],
  ["1900 9095", "tel:19009095"],
])("%s leads somewhere", (value, address) => {
  expect(linkOf(value)).toBe(address);
});

test.each([
  "javascript:alert(1)",
  "JAVASCRIPT://x",
  "https://",
  "http://a b",
  "20557",
  "503",
  "CK-001",
  "dieuhanh:CK-001",
  "00:00–24:00",
  "2021",
  12345678901,
  null,
])("%s is only text", (value) => {
  expect(linkOf(value)).toBeNull();
});
