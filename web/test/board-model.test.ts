import { expect, test } from "vitest";
import {
  type Assignment,
  type Change,
  CLOSED,
  chosen,
  Kept,
  loads,
  NO_FILTER,
  nextStates,
  plain,
  readRequest,
  readTeam,
  type SosRequest,
} from "../src/board/model";
import type { Feature } from "../src/config";

const WORDS = { place: () => "Phường Cẩm Châu, Hội An", category: (code: string) => code };
const NOBODY = new Map<string, Assignment>();

function feature(id: string, properties: Record<string, unknown> = {}): Feature {
  return {
    type: "Feature",
    id,
    geometry: { type: "Point", coordinates: [108.33, 15.88] },
    properties: {
      code: `S${id}`,
      category: "trapped",
      priority: "high",
      state: "new",
      people: 3,
      reported_at: "2026-10-01T00:00:00Z",
      ...properties,
    },
  };
}

function change(id: string, version: number, more: Partial<Change> = {}): Change {
  const op = more.op ?? "update";
  const gone = op === "delete" || op === "leave";
  return { layer: "sos_requests", id, op, version, feature: gone ? null : feature(id), ...more };
}

function requests(...features: Feature[]): Kept<SosRequest> {
  const kept = new Kept(readRequest);
  kept.reset(features, 100);
  return kept;
}

const ids = (found: SosRequest[]): string[] => found.map(({ id }) => id);

test("the most urgent come first, and of those who has waited longest", () => {
  const kept = requests(
    feature("1", { priority: "low", reported_at: "2026-10-01T00:00:00Z" }),
    feature("2", { priority: "critical", reported_at: "2026-10-01T02:00:00Z" }),
    feature("3", { priority: "critical", reported_at: "2026-10-01T01:00:00Z" }),
    feature("4", { priority: "medium", reported_at: "2026-10-01T00:00:00Z" }),
  );
  const found = chosen(kept.items.values(), NO_FILTER, NOBODY, "me", WORDS);
  expect(ids(found)).toEqual(["3", "2", "4", "1"]);
});

test("a new request arrives, changes, and goes", () => {
  const kept = requests(feature("1"));
  expect(kept.apply(change("2", 101, { op: "insert" }))).toBe("new");
  const verified = feature("2", { state: "verified" });
  expect(kept.apply(change("2", 102, { feature: verified }))).toBe("changed");
  expect(kept.items.get("2")?.state).toBe("verified");
  expect(kept.apply(change("2", 103, { op: "leave" }))).toBe("gone");
  expect(kept.items.has("2")).toBe(false);
  expect(kept.apply(change("2", 103, { op: "leave" }))).toBe("stale");
});

test("an event that comes again or late never undoes a newer one", () => {
  const kept = requests(feature("1"));
  kept.apply(change("1", 105, { feature: feature("1", { state: "assigned" }) }));
  const late = change("1", 104, { feature: feature("1", { state: "verified" }) });
  expect(kept.apply(late)).toBe("stale");
  expect(kept.apply(change("1", 104, { op: "delete" }))).toBe("stale");
  expect(kept.items.get("1")?.state).toBe("assigned");
  // What the page was read at is newer than an event from before.
  expect(kept.apply(change("9", 99, { op: "insert" }))).toBe("stale");
});

test("of several changes in one commit the last counts", () => {
  const kept = requests(feature("1"));
  kept.apply(change("1", 105, { feature: feature("1", { people: 4 }) }));
  kept.apply(change("1", 105, { feature: feature("1", { people: 5 }) }));
  expect(kept.items.get("1")?.people).toBe(5);
});

test("what is read later does not replace what the feed has told", () => {
  const kept = requests();
  kept.apply(change("1", 101, { feature: feature("1", { state: "resolved" }) }));
  kept.add([feature("1", { state: "new" }), feature("2")]);
  expect(kept.items.get("1")?.state).toBe("resolved");
  expect(kept.items.has("2")).toBe(true);
});

test("filters: state, priority, kind, district, whose, words without accents", () => {
  const kept = requests(
    feature("1", { district_code: "503" }),
    feature("2", { state: "assigned", priority: "critical", category: "medical" }),
    feature("3", { state: "resolved" }),
  );
  const given = new Map([["2", { team: 7, name: "Đội xuồng", by: "me", since: "" }]]);
  const by = (part: Partial<typeof NO_FILTER>, me = "me"): string[] =>
    ids(chosen(kept.items.values(), { ...NO_FILTER, ...part }, given, me, WORDS));
  expect(by({})).toEqual(["2", "1"]);
  expect(by({ state: "new" })).toEqual(["1"]);
  expect(by({ state: CLOSED })).toEqual(["3"]);
  expect(by({ priority: "critical" })).toEqual(["2"]);
  expect(by({ category: "medical" })).toEqual(["2"]);
  expect(by({ district: "503" })).toEqual(["1"]);
  expect(by({ whose: "mine" })).toEqual(["2"]);
  expect(by({ whose: "mine" }, "other")).toEqual([]);
  expect(by({ whose: "none" })).toEqual(["1"]);
  expect(by({ text: "cam chau" })).toEqual(["2", "1"]);
  expect(by({ text: "doi xuong" })).toEqual(["2"]);
  expect(by({ text: "s1" })).toEqual(["1"]);
});

test("a search is without accents and case", () => {
  expect(plain("Đại Lộc, Điện Bàn")).toBe("dai loc, dien ban");
});

test("teams with the most to do come first", () => {
  const team = (id: number, state: string): ReturnType<typeof readTeam> =>
    readTeam(feature(String(id), { name: `Team ${id}`, state, kind: "militia", capacity: 4 }));
  const one = { team: 2, name: "Team 2", by: "me", since: "" };
  const found = loads([team(1, "free"), team(2, "busy"), team(3, "off")], new Map([["a", one]]));
  expect(found.map(({ team: { id }, tasks }) => [id, tasks])).toEqual([
    [2, ["a"]],
    [1, []],
    [3, []],
  ]);
});

test("steps follow the states of docs/rescue.md", () => {
  expect(nextStates("new")).toEqual(["verified", "cancelled", "false"]);
  expect(nextStates("on_site")).toContain("resolved");
  expect(nextStates("assigned")).not.toContain("resolved");
  expect(nextStates("resolved")).toEqual([]);
});
