import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Said, Snapshot } from "../src/team/model";
import { flush, nextIn, untilDue } from "../src/team/queue";
import {
  dismiss,
  type Entry,
  enqueue,
  KEEP_MS,
  keepSnapshot,
  openStore,
  reports,
  type Store,
  snapshot,
  undo,
  wake,
} from "../src/team/store";

const ME = "doi.1";
const quiet = (): void => undefined;
const session = { signedIn: true, login: ME, role: "rescuer", csrf: "token" };
const step = (value: "en_route" | "on_site" | "resolved", request = "r1"): Said => ({
  kind: "step",
  request,
  code: "S100123",
  value,
});
const team = (value: "free" | "busy" | "off"): Said => ({
  kind: "team",
  team: 3,
  code: "T",
  value,
});

let store: Store;
let number = 0;

function json(body: object, status = 200): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": type } });
}

interface Sent {
  path: string;
  method: string;
  body: Record<string, unknown>;
  csrf: string | undefined;
}

/** Answers of the server to reports, in turn; whoever asks who is signed in is told. */
function server(answers: (Response | Error)[], who: object = session): Sent[] {
  const seen: Sent[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    if (path === "/api/session") return json(who);
    const headers = init.headers as Record<string, string>;
    const body = JSON.parse(String(init.body)) as Record<string, unknown>;
    seen.push({ path, method: init.method ?? "GET", body, csrf: headers["X-CSRF-Token"] });
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("too many");
    return answer;
  });
  return seen;
}

async function only(): Promise<Entry> {
  const all = await reports(store);
  expect(all).toHaveLength(1);
  return all[0] as Entry;
}

beforeEach(async () => {
  number += 1;
  store = await openStore(`team-${number}`);
});

afterEach(() => {
  store.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("reports are sent in order, each with its own id and the session's token", async () => {
  const seen = server([json({ id: "r1" }), json({ id: "r1" }), json({ id: 3 })]);
  await enqueue(store, ME, step("en_route"));
  await enqueue(store, ME, step("on_site"), { note: "Nước sâu" });
  await enqueue(store, ME, team("off"));
  expect(await flush(store, quiet)).toBe(0);
  expect(seen.map(({ path, method }) => [method, path])).toEqual([
    ["POST", "/api/sos/r1/steps"],
    ["POST", "/api/sos/r1/steps"],
    ["PUT", "/api/teams/3/state"],
  ]);
  expect(seen.map(({ body }) => body.state)).toEqual(["en_route", "on_site", "off"]);
  expect(seen[1]?.body.note).toBe("Nước sâu");
  expect(seen.every(({ csrf }) => csrf === "token")).toBe(true);
  expect(seen[0]?.body.id).toMatch(/^[0-9a-f-]{36}$/);
  expect(seen[0]?.body.id).not.toBe(seen[1]?.body.id);
});

test("what was not heard of is sent again under the same id, and holds up what comes after", async () => {
  const seen = server([new Error("lost"), json({ id: "r1" }), json({ id: "r1" })]);
  await enqueue(store, ME, step("en_route"));
  await enqueue(store, ME, step("on_site"));
  expect(await flush(store, quiet)).toBe(2);
  expect(seen).toHaveLength(1);
  // Not due again yet.
  expect(await flush(store, quiet)).toBe(2);
  expect(seen).toHaveLength(1);
  expect(await nextIn(store, ME)).toBeGreaterThan(0);
  await wake(store);
  expect(await flush(store, quiet)).toBe(0);
  expect(seen.map(({ body }) => body.state)).toEqual(["en_route", "en_route", "on_site"]);
  expect(seen[0]?.body.id).toBe(seen[1]?.body.id);
});

test("a refusal is kept in its words until somebody has read it, and what comes after is sent", async () => {
  const detail = "Không phải nhiệm vụ của đội bạn. / Not your team's.";
  const seen = server([json({ detail }, 403), json({ id: "r2" })]);
  await enqueue(store, ME, step("en_route"));
  await enqueue(store, ME, step("en_route", "r2"));
  expect(await flush(store, quiet)).toBe(0);
  expect(seen).toHaveLength(2);
  const entry = await only();
  expect(entry).toMatchObject({ state: "refused", problem: { status: 403, detail } });
  await flush(store, quiet);
  expect(seen).toHaveLength(2);
  await dismiss(store, entry.key as number);
  expect(await reports(store)).toEqual([]);
});

test("a refusal of the token alone is none", async () => {
  let csrf = "old";
  server([json({ detail: "X-CSRF-Token" }, 403)]);
  const answer = globalThis.fetch;
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    if (path !== "/api/session") return answer(path, init);
    const told = json({ ...session, csrf });
    csrf = "new";
    return told;
  });
  await enqueue(store, ME, step("en_route"));
  expect(await flush(store, quiet)).toBe(1);
  expect(await only()).toMatchObject({ state: "waiting", delay: "server" });
});

test.each([
  ["a session that has ended", json({ detail: "Cần đăng nhập." }, 401), "signedOut"],
  ["a fault of the server", json({ detail: "" }, 503), "server"],
  ["a network's own page", new Response("<html>", { status: 200 }), "offline"],
  ["somebody else's refusal", new Response("{}", { status: 403 }), "server"],
  ["another answer", json({ id: "other" }), "offline"],
])("%s settles nothing", async (_, answer, delay) => {
  server([answer]);
  await enqueue(store, ME, step("en_route"));
  expect(await flush(store, quiet)).toBe(1);
  expect(await only()).toMatchObject({ state: "waiting", delay, attempts: 1 });
});

test("nothing is sent while nobody, or somebody else, is signed in", async () => {
  await enqueue(store, ME, step("en_route"));
  let seen = server([], { signedIn: false, login: "", role: "public" });
  expect(await flush(store, quiet)).toBe(1);
  seen = server([], { ...session, login: "doi.2" });
  expect(await flush(store, quiet)).toBe(1);
  expect(seen).toEqual([]);
  expect(await only()).toMatchObject({ state: "waiting", attempts: 0 });
});

test("a report can be taken back until its moment is over", async () => {
  const seen = server([json({ id: "r1" })]);
  await enqueue(store, ME, step("en_route"), { wait_ms: 5000 });
  expect(await flush(store, quiet)).toBe(1);
  const entry = await only();
  expect(await undo(store, entry.key as number)).toBe(true);
  expect(seen).toEqual([]);
  vi.useFakeTimers({ toFake: ["Date"] });
  await enqueue(store, ME, step("en_route"), { wait_ms: 5000 });
  vi.setSystemTime(Date.now() + 5001);
  const later = await only();
  expect(await flush(store, quiet)).toBe(0);
  expect(seen).toHaveLength(1);
  expect(await undo(store, later.key as number)).toBe(false);
});

test("the service worker waits for what was just made, and not for ever", async () => {
  await enqueue(store, ME, step("en_route"), { wait_ms: 200 });
  const before = Date.now();
  await untilDue(store, 50);
  expect(Date.now() - before).toBeLessThan(190);
  await untilDue(store, 5000);
  const seen = server([json({ id: "r1" })]);
  expect(await flush(store, quiet)).toBe(0);
  expect(seen).toHaveLength(1);
});

test("taking a step back takes back what was said of the task after it", async () => {
  await enqueue(store, ME, step("en_route"));
  await enqueue(store, ME, step("en_route", "r2"));
  await enqueue(store, ME, step("on_site"));
  const [first] = await reports(store);
  await undo(store, first?.key as number);
  expect((await only()).said).toEqual(step("en_route", "r2"));
});

test("of a team's own state only the last counts", async () => {
  await enqueue(store, ME, team("off"));
  await enqueue(store, ME, team("free"));
  expect((await only()).said).toEqual(team("free"));
});

test("what was sent late says when it was made", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const seen = server([json({ id: "r1" })]);
  await enqueue(store, ME, step("en_route"), { note: "Đi đò" });
  vi.setSystemTime(Date.now() + 600_000);
  await flush(store, quiet);
  expect(seen[0]?.body.note).toMatch(/^Đi đò\n\(Đội báo lúc .+\)$/);
});

test("two at once send each report once", async () => {
  let lock: Promise<unknown> = Promise.resolve();
  let isHeld = false;
  vi.stubGlobal("navigator", {
    onLine: true,
    locks: {
      request: async (_: string, __: object, work: (lock: object | null) => Promise<void>) => {
        if (isHeld) return work(null);
        isHeld = true;
        lock = work({}).finally(() => {
          isHeld = false;
        });
        return lock;
      },
    },
  });
  const seen = server([json({ id: "r1" }), json({ id: "r1" })]);
  await enqueue(store, ME, step("en_route"));
  await enqueue(store, ME, step("on_site"));
  await Promise.all([flush(store, quiet), flush(store, quiet)]);
  expect(seen.map(({ body }) => body.state)).toEqual(["en_route", "on_site"]);
});

test("without a network nothing is tried", async () => {
  const seen = server([]);
  vi.stubGlobal("navigator", { onLine: false });
  await enqueue(store, ME, step("en_route"));
  expect(await flush(store, quiet)).toBe(1);
  expect(seen).toEqual([]);
  expect((await only()).attempts).toBe(0);
});

test("tasks that were kept go after a day, and follow what was taken until then", async () => {
  const told: Snapshot = {
    login: ME,
    at: Date.now(),
    teams: [
      {
        id: 3,
        code: "T",
        name: "T",
        state: "busy",
        lon: 108,
        lat: 15,
        position_at: "2021-10-01T03:00:00Z",
        tasks: [],
      },
    ],
    more: {},
  };
  await keepSnapshot(store, told);
  server([json({ id: 3 })]);
  await enqueue(store, ME, team("off"));
  await flush(store, quiet);
  expect((await snapshot(store))?.teams[0]?.state).toBe("off");
  expect(await snapshot(store, told.at + KEEP_MS + 1)).toBeNull();
  expect(await snapshot(store, told.at)).toBeNull();
});
