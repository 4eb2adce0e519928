import { expect, test } from "vitest";
import { hasView, readField, readHash, writeField, writeHash } from "../src/address";

test("what is written is read again, and the view of the map stays", () => {
  const shared = {
    off: ["hotels", "admin_units"],
    feature: { layer: "checkpoints", id: "a/b c&d" },
  };
  const hash = writeHash("#map=10/15.5/108.2", shared);
  expect(hash).toContain("map=10/15.5/108.2");
  expect(readHash(hash)).toEqual(shared);
});

test("nothing to keep leaves nothing", () => {
  expect(writeHash("#off=hotels&feature=a/1", { off: [], feature: null })).toBe("");
});

test.each(["", "#", "#feature=", "#feature=x", "#feature=%E0%A4%A/1", "#off=,,", "#=&&="])(
  "%s is understood as nothing",
  (hash) => {
    expect(readHash(hash)).toEqual({ off: [], feature: null });
  },
);

test("a view in the address is seen", () => {
  expect(hasView("#map=10/15.5/108.2")).toBe(true);
  expect(hasView("#off=hotels&map=1/2/3")).toBe(true);
  expect(hasView("#feature=hotels/1")).toBe(false);
});

test("a field of a tool's own is kept beside the others, and goes again", () => {
  const hash = writeField("#map=10/15.5/108.2", "filter", "a = 'b&c=d'");
  expect(readField(hash, "filter")).toBe("a = 'b&c=d'");
  expect(hasView(hash)).toBe(true);
  expect(readField(writeHash(hash, { off: ["hotels"], feature: null }), "filter")).not.toBeNull();
  expect(writeField(hash, "filter", null)).toBe("#map=10/15.5/108.2");
  expect(readField("", "filter")).toBeNull();
});

test("a field survives what the map library makes of the address", () => {
  const filter = "name LIKE '%a+b, c/d%' AND people >= 5";
  const hash = writeField("#map=9/15/108", "filter.sos_requests", filter);
  const rewritten = `#${new URLSearchParams(hash.slice(1))}`;
  expect(readField(hash, "filter.sos_requests")).toBe(filter);
  expect(readField(rewritten, "filter.sos_requests")).toBe(filter);
});
