import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isIdentity } from "../src/checks";
import { check, draftOf, newDraft, postOf, stepOf } from "../src/declare/draft";
import {
  declarations,
  type Entry,
  forgetOld,
  openDeclarations,
  type Post,
} from "../src/declare/queue";
import type { Store } from "../src/device-store";

const DAY_MS = 86_400_000;
const post = (id: string, name = "A"): Post => ({
  id,
  who: "self",
  name,
  birth_year: 1984,
  phone: "0905",
  commune_code: "20335",
  symptoms: ["fever"],
  contact: false,
  places: [],
  elsewhere: [],
  made_at: "2021-08-17T01:00:00Z",
  consent: true,
});
const receipt = (id: string, token = "token"): object => ({
  id,
  received_at: "2021-08-17T01:00:01+00:00",
  valid_until: "2021-08-20T01:00:00+00:00",
  card: { token, expires_at: new Date(Date.now() + 7 * DAY_MS).toISOString() },
  next: [{ code: "show_card", vi: "v", en: "e" }],
});
const quiet = (): void => undefined;

let store: Store;
let number = 0;

function json(body: object, status = 201): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": type } });
}

/** Answers of the server, in turn; an Error is an answer that never came. */
function server(...answers: (Response | Error)[]): { address: string; init: RequestInit }[] {
  const seen: { address: string; init: RequestInit }[] = [];
  vi.stubGlobal("fetch", async (address: string, init: RequestInit = {}) => {
    seen.push({ address, init });
    const answer = answers.shift();
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("too many");
    return answer;
  });
  return seen;
}

const enqueue = (one: Post, staff: boolean): Promise<void> =>
  declarations.enqueue(store, { id: one.id, name: one.name, staff, post: one });

async function only(): Promise<Entry> {
  const entries = await declarations.all(store);
  expect(entries).toHaveLength(1);
  return entries[0] as Entry;
}

beforeEach(async () => {
  number += 1;
  store = await openDeclarations(`declare-${number}`);
  const values = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => values.set(key, value),
  });
});

afterEach(() => {
  store.close();
  vi.unstubAllGlobals();
});

test("what was declared is sent as it is until it is taken, and then leaves the device", async () => {
  const seen = server(new Error("no network"), json(receipt("a")));
  await enqueue(post("a"), false);
  expect(await declarations.flush(store, quiet)).toBe(1);
  expect(await only()).toMatchObject({ state: "waiting", delay: "offline", attempts: 1 });
  expect(await declarations.nextIn(store)).toBeGreaterThan(0);
  await declarations.wake(store);
  expect(await declarations.flush(store, quiet)).toBe(0);
  expect(seen.map(({ init }) => init.body)).toEqual(Array(2).fill(JSON.stringify(post("a"))));
  expect(await only()).toMatchObject({ state: "sent", name: "A", post: null });
  expect((await only()).receipt?.card?.token).toBe("token");
});

test("a sign-in page of some network is no receipt", async () => {
  server(json({ welcome: true }, 200));
  await enqueue(post("a"), false);
  expect(await declarations.flush(store, quiet)).toBe(1);
  expect((await only()).post).not.toBeNull();
});

test("of a person the last declaration stays, of others theirs", async () => {
  server(json(receipt("a")), json(receipt("b")), json(receipt("c", "newer")));
  for (const [id, name] of [
    ["a", "A"],
    ["b", "B"],
    ["c", "A"],
  ] as const) {
    await enqueue(post(id, name), false);
    await declarations.flush(store, quiet);
  }
  expect((await declarations.all(store)).map(({ id }) => id).sort()).toEqual(["b", "c"]);
});

test("an officer declares with the token of the session, and waits while nobody can say it", async () => {
  const seen = server(
    new Error("no network"),
    json({ signedIn: true, csrf: "secret" }, 200),
    json(receipt("a")),
  );
  await enqueue(post("a"), true);
  await declarations.flush(store, quiet);
  expect((await only()).delay).toBe("offline");
  await declarations.wake(store);
  await declarations.flush(store, quiet);
  expect(new Headers(seen[2]?.init.headers).get("X-CSRF-Token")).toBe("secret");
  expect((await only()).state).toBe("sent");
});

test("a refused one becomes a draft again, with its faults", async () => {
  const fault = { field: "places", vi: "v", en: "e" };
  server(json({ errors: [fault] }, 422));
  await enqueue(post("a"), false);
  await declarations.flush(store, quiet);
  const entry = await only();
  expect(entry).toMatchObject({ state: "refused", refused: { status: 422, faults: [fault] } });
  const draft = draftOf(entry.post as Post, [fault], ({ en }) => en);
  expect(draft).toMatchObject({ id: "a", name: "A", birth_year: "1984", consent: false });
  expect(draft.faults.get("places")).toBe("e");
  expect([stepOf("symptoms.0"), stepOf("phone"), stepOf("id")]).toEqual(["health", "who", null]);
  await enqueue(post("a"), false);
  expect((await only()).state).toBe("waiting");
});

test("what was cut off is sent again by who is alone", async () => {
  await enqueue(post("a"), false);
  expect((await declarations.take(store, Date.now(), false))?.id).toBe("a");
  expect(await declarations.take(store, Date.now(), false)).toBeUndefined();
  expect((await declarations.take(store, Date.now(), true))?.attempts).toBe(2);
});

test("what was sent goes when its card is over", async () => {
  server(json(receipt("a")));
  await enqueue(post("a"), false);
  await declarations.flush(store, quiet);
  await forgetOld(store, Date.now() + 6 * DAY_MS);
  expect(await declarations.all(store)).toHaveLength(1);
  await forgetOld(store, Date.now() + 22 * DAY_MS);
  expect(await declarations.all(store)).toEqual([]);
});

test("a step says what is missing", () => {
  const draft = newDraft();
  expect(check(draft, "who", false)).toBe(false);
  expect([...draft.faults.keys()]).toEqual(["name", "birth_year", "phone", "commune_code"]);
  Object.assign(draft, { name: "A", birth_year: "1984", commune_code: "20335" });
  expect(check(draft, "who", false)).toBe(false);
  expect(check(draft, "who", true)).toBe(true);
  draft.identity = "123";
  expect(check(draft, "who", true)).toBe(false);
  expect(["049 084 000 123", "205123456", "c1234567"].every(isIdentity)).toBe(true);
  expect(check(draft, "health", false)).toBe(false);
  Object.assign(draft, { symptoms: [], contact: false });
  expect(check(draft, "health", false)).toBe(true);
});

test("a person declares with the card that this device has for them", () => {
  const card = {
    token: "mine",
    name: "A",
    expires_at: new Date(Date.now() + DAY_MS).toISOString(),
  };
  localStorage.setItem("dieuhanh.cards", JSON.stringify([card]));
  const draft = newDraft({ name: " A ", birth_year: "1984", commune_code: "20335" });
  expect(postOf(draft)).toMatchObject({ name: "A", card: "mine" });
  expect(postOf({ ...draft, name: "B" })).not.toHaveProperty("card");
  expect(postOf(draft)).not.toHaveProperty("phone");
});
