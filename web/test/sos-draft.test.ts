import { expect, test } from "vitest";
import { isPhone } from "../src/checks";
import { draftOf, newDraft, postOf, stepOf, wholeNumber } from "../src/sos/draft";
import { newId } from "../src/sos/ids";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("ids are random UUIDs, also without crypto.randomUUID", () => {
  const { randomUUID } = crypto;
  const ids = [newId(), newId()];
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  ids.push(newId(), newId());
  Object.defineProperty(crypto, "randomUUID", { value: randomUUID, configurable: true });
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(id).toMatch(UUID);
});

test("telephone numbers and whole numbers as people write them", () => {
  for (const phone of ["0905 123 456", "+84 905.123.456", "1022", "(0235) 381-1022"])
    expect(isPhone(phone), phone).toBe(true);
  for (const text of ["", "12", "abc", "0905123456789012", "090x"])
    expect(isPhone(text), text).toBe(false);
  expect([" 7 ", "0", "007"].map((text) => wholeNumber(text, 0, 10))).toEqual([7, 0, 7]);
  expect(["", "-1", "1.5", "11", "1e1"].map((text) => wholeNumber(text, 0, 10))).toEqual(
    Array(5).fill(null),
  );
});

test("a measured position is sent as such, a chosen one as coordinates", () => {
  const draft = newDraft();
  Object.assign(draft, { category: "medical", people: "3", phone: " 0905 " });
  draft.place = { way: "gps", lon: 108.4, lat: 15.5, accuracy_m: 12 };
  const common = { id: draft.id, category: "medical", people: 3, phone: "0905" };
  expect(postOf(draft)).toEqual({ ...common, lon: 108.4, lat: 15.5, accuracy_m: 12 });
  draft.place = { way: "map", lon: 108.4, lat: 15.5, accuracy_m: 40 };
  expect(postOf(draft)).toEqual({
    ...common,
    position: "15.500000, 108.400000",
    accuracy_m: 40,
  });
  draft.place = { way: "commune", commune_code: "1", commune: "A", address: "B" };
  expect(postOf(draft)).toEqual({ ...common, commune_code: "1", address: "B" });
});

test("a refused request is a draft again that makes the same post", () => {
  const post = {
    id: newId(),
    category: "other",
    people: 2,
    position: "x",
    children: 1,
    phone: "1",
  };
  const fault = { field: "position", vi: "sai", en: "wrong" };
  const draft = draftOf(post, [fault], ({ en }) => en);
  expect(postOf(draft)).toEqual(post);
  expect(draft.faults.get("position")).toBe("wrong");
  expect(["position", "category", "phone", "children"].map(stepOf)).toEqual([
    "where",
    "what",
    "people",
    null,
  ]);
});
