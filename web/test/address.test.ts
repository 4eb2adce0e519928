import { expect, test } from "vitest";
import { hasView, readField, readHash, writeField, writeHash } from "../src/address";
import { readView, writeView } from "../src/map/view";

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

test("layers that are off until asked for are named where they are on", () => {
  const usual = ["local_moran", "scan_clusters"];
  const shared = { off: usual, feature: null };
  expect(writeHash("", shared, usual)).toBe("");
  expect(readHash("", usual)).toEqual(shared);
  const one = { off: ["hotels", "scan_clusters"], feature: null };
  expect(writeHash("", one, usual)).toBe("#off=hotels&on=local_moran");
  expect(readHash("#off=hotels&on=local_moran", usual)).toEqual(one);
  // An older link says nothing of layers that there were not yet.
  expect(readHash("#off=hotels", usual).off).toEqual(["hotels", ...usual]);
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

test("any text is kept in a field, whatever changes beside it", () => {
  const filter = "name LIKE '%a+b, c/d & #=%' AND people >= 5";
  let hash = writeField("#map=9/15/108&off=a,b", "filter.sos_requests", filter);
  hash = writeField(hash, "map", writeView({ zoom: 9.5, center: [108.123456, 15.123456] }));
  expect(hash.startsWith("#map=9.5/15.1235/108.1235&off=a,b&filter.sos_requests=name")).toBe(true);
  expect(readField(hash, "filter.sos_requests")).toBe(filter);
  expect(writeField(hash, "filter.sos_requests", null)).toBe("#map=9.5/15.1235/108.1235&off=a,b");
  expect(writeField("#map=1/2/3", "map", null)).toBe("");
});

test("views are read back to half a pixel, others are none", () => {
  expect(readView("#map=11/15.6/108.4&off=x")).toEqual({ zoom: 11, center: [108.4, 15.6] });
  for (const hash of ["", "#map=", "#map=1/2", "#map=x/1/2", "#map=9/91/108", "#map=//"])
    expect(readView(hash)).toBeNull();
  expect(writeView({ zoom: 0, center: [108.4, 15.6] })).toBe("0/15.6/108.4");
});
