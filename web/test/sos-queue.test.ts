import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Store } from "../src/device-store";
import { backOff } from "../src/outbox";
import { proofOf } from "../src/sos/delivery";
import { flush, nextIn } from "../src/sos/queue";
import {
  addTo,
  complete,
  type Entry,
  everything,
  forget,
  forgetOld,
  openRequests,
  type Post,
  requests,
  wake,
} from "../src/sos/store";

const ID = "1b4e28ba-2fa1-4d2e-883f-0016d3cca427";
const TOKEN = "abcdefghijklmnopqrstuvwx";
const post: Post = { id: ID, category: "trapped", people: 3, lon: 108.3, lat: 15.8, phone: "0905" };
const taken = {
  id: ID,
  code: "S7K2",
  state: "new",
  received_at: "2021-10-01T03:00:00+00:00",
  flags: [],
  follow: { token: TOKEN, url: `/sos/follow#${TOKEN}` },
};
const quiet = (): void => undefined;

let store: Store;
let number = 0;

function json(body: object, status = 200, headers: Record<string, string> = {}): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": type, ...headers },
  });
}

/** Answers of the server, in turn; an Error is an answer that never came. */
function server(...answers: (Response | Error)[]): { address: string; init: RequestInit }[] {
  const seen: { address: string; init: RequestInit }[] = [];
  vi.stubGlobal("fetch", async (address: string, init: RequestInit) => {
    seen.push({ address, init });
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("too many");
    return answer;
  });
  return seen;
}

const enqueue = (one: Post): Promise<void> => requests.enqueue(store, { id: one.id, post: one });

async function only(): Promise<Entry> {
  const { entries } = await everything(store);
  expect(entries).toHaveLength(1);
  return entries[0] as Entry;
}

beforeEach(async () => {
  number += 1;
  store = await openRequests(`queue-${number}`);
});

afterEach(() => {
  store.close();
  vi.unstubAllGlobals();
});

test("what is sent keeps its code, and no personal detail", async () => {
  const seen = server(json(taken, 201));
  await enqueue(post);
  expect(await flush(store, quiet)).toBe(0);
  expect(JSON.parse(String(seen[0]?.init.body))).toEqual(post);
  const entry = await only();
  expect(entry).toMatchObject({ state: "sent", receipt: { code: "S7K2", outside: false } });
  expect(entry.post).toEqual({ id: ID, category: "trapped", people: 3 });
});

test("an answer that was lost is asked for again with the same bytes", async () => {
  const seen = server(new TypeError("network"), json(taken));
  await enqueue(post);
  expect(await flush(store, quiet)).toBe(1);
  const waiting = await only();
  expect(waiting).toMatchObject({ state: "waiting", delay: "offline", attempts: 1 });
  expect(waiting.next_at).toBeGreaterThan(Date.now());
  expect(await nextIn(store)).toBeGreaterThan(0);
  expect(await flush(store, quiet)).toBe(1);
  expect(seen).toHaveLength(1);
  await wake(store);
  expect(await flush(store, quiet)).toBe(0);
  expect(seen[1]?.init.body).toBe(seen[0]?.init.body);
  expect(await nextIn(store)).toBeNull();
});

test("a request of which a try has begun does not change any more", async () => {
  await enqueue(post);
  expect(await complete(store, ID, { injured: 2 })).toBe(true);
  expect((await only()).post).toEqual({ ...post, injured: 2 });
  server(new TypeError("network"));
  await flush(store, quiet);
  expect(await complete(store, ID, { injured: 5 })).toBe(false);
  await enqueue({ ...post, people: 9 });
  expect((await only()).post).toEqual({ ...post, injured: 2 });
});

test("what was being sent when the page was closed is sent again", async () => {
  await enqueue(post);
  expect((await requests.take(store, Date.now(), true))?.id).toBe(ID);
  // Somebody else may be sending it.
  expect(await requests.take(store, Date.now(), false)).toBeUndefined();
  expect((await requests.take(store, Date.now() + 200_000, false))?.attempts).toBe(2);
  expect((await requests.take(store, Date.now(), true))?.attempts).toBe(3);
});

test("a refusal names the fields, and is mended under the same id", async () => {
  const faults = [{ field: "phone", vi: "Phải là số", en: "Must be a number" }];
  server(json({ errors: faults }, 422), json(taken, 201));
  await enqueue(post);
  expect(await flush(store, quiet)).toBe(0);
  expect(await only()).toMatchObject({ state: "refused", refused: { status: 422, faults } });
  await enqueue({ ...post, phone: "0905123456" });
  expect(await flush(store, quiet)).toBe(0);
  expect((await only()).state).toBe("sent");
});

test("what is not this server's answer settles nothing", async () => {
  const page = new Response("<p>Sign in to the network</p>", { status: 200 });
  const gate = new Response("no", { status: 403, headers: { "Content-Type": "text/html" } });
  const other = json({ id: "another", code: "S1" });
  server(page, gate, other, json({}, 503), json(taken, 201));
  await enqueue(post);
  for (const delay of ["offline", "server", "offline", "server"]) {
    await flush(store, quiet);
    expect(await only()).toMatchObject({ state: "waiting", delay });
    await wake(store);
  }
  expect(await flush(store, quiet)).toBe(0);
});

test("beyond the limits a proof by delay is asked for and shown", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000_000_000 });
  const form = { token: "t", valid_after_s: 3, valid_for_s: 86_400, categories: [], photos: {} };
  const seen = server(
    json({}, 429, { "Retry-After": "600" }),
    json(form),
    json({ ...taken, state: "waiting" }, 202),
  );
  await enqueue(post);
  await flush(store, quiet);
  const wait = (await nextIn(store)) ?? 0;
  expect(wait).toBeGreaterThanOrEqual(4000);
  expect(wait).toBeLessThan(10_000);
  await wake(store); // Opening the page again does not spare the delay.
  await flush(store, quiet);
  expect(seen).toHaveLength(2);
  vi.setSystemTime(Date.now() + wait);
  await flush(store, quiet);
  expect(seen[2]?.init.headers).toMatchObject({ "X-Form-Token": "t" });
  expect(await only()).toMatchObject({ state: "sent", receipt: { state: "waiting" } });
  vi.useRealTimers();
});

test("notes and photos go after their request, each by itself", async () => {
  const seen = server(
    json(taken, 201),
    json({ id: ID, code: "S7K2" }),
    new TypeError("network"),
    json({ id: ID, code: "S7K2", photos: [], refused: [{ field: "photos[0]", vi: "x", en: "x" }] }),
  );
  await enqueue(post);
  await addTo(store, ID, { note: "Nước lên", details: { injured: 2 } });
  await addTo(store, ID, { photo: new Blob(["x"], { type: "image/jpeg" }) });
  expect(await flush(store, quiet)).toBe(1);
  expect(seen.map(({ address }) => address)).toEqual([
    "/api/sos",
    "/api/sos/follow",
    "/api/sos/follow",
  ]);
  expect(seen[1]?.init.headers).toMatchObject({ "X-Follow-Token": TOKEN });
  const sent = JSON.parse(String(seen[1]?.init.body));
  expect(sent).toEqual({
    injured: 2,
    note: "Nước lên",
    id: expect.stringMatching(/^[-0-9a-f]{36}$/),
  });
  expect(seen[2]?.init.body).toBeInstanceOf(FormData);
  await wake(store);
  expect(await flush(store, quiet)).toBe(0);
  const { additions } = await everything(store);
  expect(additions.map(({ state, photo }) => [state, photo])).toEqual([
    ["sent", null],
    ["refused", null],
  ]);
});

test("what was added goes in its order, and again under its name", async () => {
  const seen = server(
    json(taken, 201),
    new TypeError("network"),
    json({ id: ID, code: "S7K2" }),
    json({ id: ID, code: "S7K2" }),
  );
  await enqueue(post);
  await addTo(store, ID, { note: "", details: { injured: 1 } });
  await addTo(store, ID, { note: "", details: { injured: 2 } });
  // The answer to the first is lost: the second waits behind it.
  expect(await flush(store, quiet)).toBe(2);
  expect(seen).toHaveLength(2);
  await wake(store);
  expect(await flush(store, quiet)).toBe(0);
  const bodies = seen.slice(1).map(({ init }) => JSON.parse(String(init.body)));
  expect(bodies.map(({ injured }) => injured)).toEqual([1, 1, 2]);
  expect(bodies[0].id).toBe(bodies[1].id);
  expect(bodies[2].id).not.toBe(bodies[0].id);
  const { additions } = await everything(store);
  expect(additions.map((one) => [one.state, one.note, one.details])).toEqual([
    ["sent", "", undefined],
    ["sent", "", undefined],
  ]);
});

test("a request that waited long says when it was written", async () => {
  const seen = server(json(taken, 201), json({ id: ID, code: "S7K2" }));
  await enqueue(post);
  const [entry] = await store.getAll("requests");
  await store.put("requests", { ...(entry as Entry), made_at: Date.now() - 3_600_000 });
  expect(await flush(store, quiet)).toBe(0);
  expect(seen).toHaveLength(2);
  expect(String(seen[1]?.init.body)).toContain("Yêu cầu được viết");
});

test("without a network nothing is tried", async () => {
  vi.stubGlobal("navigator", { onLine: false });
  const seen = server();
  await enqueue(post);
  expect(await flush(store, quiet)).toBe(1);
  expect(seen).toHaveLength(0);
  expect(await complete(store, ID, { injured: 1 })).toBe(true);
});

test("a request is forgotten with all that belongs to it, and by itself after three weeks", async () => {
  server(json(taken, 201));
  await enqueue(post);
  await enqueue({ ...post, id: ID.replace("1b", "2c") });
  await flush(store, quiet);
  await addTo(store, ID, { note: "x" });
  await forgetOld(store, Date.now() + 22 * 86_400_000);
  const { entries, additions } = await everything(store);
  expect(entries.map(({ state }) => state)).toEqual(["waiting"]);
  expect(additions).toEqual([]);
  await forget(store, entries[0]?.id ?? "");
  expect((await everything(store)).entries).toEqual([]);
});

test("tries are spaced wider and wider, to five minutes", () => {
  const waits = [1, 2, 3, 20].map((attempts) => backOff(attempts, 1));
  expect(waits).toEqual([4000, 8000, 16_000, 300_000]);
  expect(backOff(1, 0)).toBe(3000);
});

test("a form's token proves nothing before its time, nor after it", () => {
  const form = { token: "t", valid_after_s: 3, valid_for_s: 100, asked_at: 0 };
  const at = (ms: number): string | null => proofOf({ ...form } as never, ms);
  expect([at(2000), at(4000), at(101_000)]).toEqual([null, "t", null]);
  expect(proofOf(undefined, 0)).toBeNull();
});
