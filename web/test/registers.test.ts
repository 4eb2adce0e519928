import { expect, test } from "vitest";
import type { FormColumn } from "../src/edit/fields";
import { possible, type RegisterRecord, withOffers } from "../src/registers/records";

const column = (name: string): FormColumn => ({
  name,
  title: { vi: name, en: name },
  description: null,
  type: "string",
  format: null,
  unit: null,
  codes: null,
  minimum: null,
  maximum: null,
  maxLength: 40,
  nullable: true,
  hasDefault: false,
  default: null,
  write: "always",
});
const offers = {
  places: [
    { value: "sites/1", title: { vi: "Khu A", en: "Site A" }, code: "A", own: true },
    { value: "sites/2", title: { vi: "Khu B", en: "Site B" }, code: "", own: false },
  ],
  communes: [{ value: "20335", title: "Xã thử" }],
  districts: [{ value: "503", title: "Huyện thử" }],
};

test("forms offer one's own places, actions all of them", () => {
  const [own] = withOffers([column("place")], offers, true);
  const [all] = withOffers([column("place")], offers, false);
  expect(own?.codes).toEqual({ "sites/1": { vi: "Khu A (A)", en: "Site A (A)" } });
  expect(Object.keys(all?.codes ?? {})).toEqual(["sites/1", "sites/2"]);
});

test("units are told by their names, other columns stay as they are", () => {
  const [home, room] = withOffers([column("home_commune"), column("room")], offers, true);
  expect(home?.codes?.["20335"]?.vi).toBe("Xã thử");
  expect(room?.codes).toBeNull();
});

test("what may be done depends on the state", () => {
  const action = (id: string, states: string[]) => ({
    id,
    title: { vi: id, en: id },
    states,
    confirm: null,
    grave: false,
    columns: [],
  });
  const record = {
    stateColumn: "state",
    actions: [action("release", ["admitted"]), action("note", [])],
  } as unknown as RegisterRecord;
  const ids = (state: string) => possible(record, { state }).map(({ id }) => id);
  expect(ids("admitted")).toEqual(["release", "note"]);
  expect(ids("released")).toEqual(["note"]);
});
