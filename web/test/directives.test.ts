import { expect, test } from "vitest";
import { askedOf, NOTHING, openedOf, searchOf } from "../src/directives/data";

test("an address says what is looked for, and nothing else", () => {
  const asked = askedOf("?q=gi%C3%A3n+c%C3%A1ch&state=in_force&other=1");
  expect(asked).toEqual({ ...NOTHING, q: "giãn cách", state: "in_force" });
  expect(askedOf(`?${searchOf(asked)}`)).toEqual(asked);
  expect(searchOf({ ...NOTHING, q: "  " })).toBe("");
});

test("a fragment opens a directive, its form, a new one or a place", () => {
  expect(openedOf("#12")).toEqual({ kind: "one", id: 12 });
  expect(openedOf("#edit=12")).toEqual({ kind: "edit", id: 12 });
  expect(openedOf("#new")).toEqual({ kind: "new" });
  expect(openedOf("#at=108.335,15.88")).toEqual({ kind: "at", place: [108.335, 15.88] });
  for (const wrong of ["", "#", "#x", "#at=1", "#at=a,b", "#12x", "#edit="])
    expect(openedOf(wrong), wrong).toEqual({ kind: "list" });
});
