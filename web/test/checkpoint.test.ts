import { expect, test } from "vitest";
import { troubleOf } from "../src/checkpoint/camera";
import { type Checkpoint, plain, search } from "../src/checkpoint/places";

const all: Checkpoint[] = [
  { id: "1", code: "CK-001", name: "Chốt Điện Bàn", road: "Quốc lộ 1", site: "A" },
  { id: "2", code: "CK-002", name: "Chốt Đông Giang", road: "Quốc lộ 14G", site: "B" },
];

test.each([
  ["dien ban", ["1"]],
  ["ĐIỆN", ["1"]],
  ["quoc lo", ["1", "2"]],
  ["ck-002", ["2"]],
  ["14g dong", ["2"]],
  ["hue", []],
  ["  ", ["1", "2"]],
])("%j finds %j", (text, found) => {
  expect(search(all, text).map(({ id }) => id)).toEqual(found);
});

test("both letters d are one", () => {
  expect(plain("Đường đê")).toBe("duong de");
});

test.each([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "absent"],
  ["OverconstrainedError", "absent"],
  ["NotReadableError", "busy"],
])("%s means that the camera is %s", (name, trouble) => {
  expect(troubleOf(new DOMException("", name))).toBe(trouble);
});
