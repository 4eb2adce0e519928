import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { codeInAddress } from "../src/check-in/site";
import {
  flushOfficers,
  flushOwn,
  heardOf,
  OFFICERS,
  tell as tellPages,
} from "../src/checkpoint/queue";
import { readText, standing } from "../src/checkpoint/scan";
import {
  enqueue,
  entries,
  type Outcome,
  openStore,
  type Store,
  wake,
} from "../src/checkpoint/store";

const ME = "can.bo";
const session = { signedIn: true, login: ME, role: "officer", csrf: "token" };
const said = { site: "D1", direction: "in" as const, token: "a.b.c" };
let store: Store;
let number = 0;
let told: [string, Outcome["kind"]][] = [];
const tell = ({ id }: { id: string }, { kind }: Outcome): void => void told.push([id, kind]);

function json(body: object, status = 200): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": type } });
}

beforeEach(async () => {
  store = await openStore(`checkpoint-${number++}`);
  told = [];
});
afterEach(() => vi.unstubAllGlobals());

/** Answers of the session, then of the batches. */
function server(
  ...answers: (Response | Error | ((body: { events: { id: string }[] }) => object))[]
) {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", (path: string, init?: RequestInit) => {
    if (path === "/api/session") return Promise.resolve(json(session));
    const body = JSON.parse(String(init?.body));
    sent.push(body);
    const next = answers.shift();
    if (next instanceof Error) return Promise.reject(next);
    return Promise.resolve(typeof next === "function" ? json(next(body)) : (next ?? json({}, 500)));
  });
  return sent;
}

test("a batch is sent as one, what is taken leaves the device, what is refused says why", async () => {
  const first = await enqueue(store, ME, "Chốt", said);
  const second = await enqueue(store, ME, "Chốt", { ...said, id_card: "1|2|3" });
  const reason = { vi: "Hết hạn", en: "Expired" };
  const sent = server(({ events }) => ({
    results: events.map(({ id }) =>
      id === first.id
        ? { id, outcome: "taken", declared: true }
        : { id, outcome: "refused", reason },
    ),
  }));
  await flushOfficers(store, ME, tell);
  expect(sent).toHaveLength(1);
  expect(told).toEqual([
    [first.id, "taken"],
    [second.id, "refused"],
  ]);
  const left = await entries(store);
  expect(left.map(({ state, reason: why }) => [state, why])).toEqual([["refused", reason]]);
  // Who it was goes at once; where and which way stays for the list.
  expect(left[0]?.said).toEqual({ site: "D1", direction: "in" });
});

test("without an answer it waits, and is sent again as it is", async () => {
  const { id, at } = await enqueue(store, ME, "Chốt", said);
  const sent = server(new Error("lost"), ({ events }) => ({
    results: events.map((one) => ({ id: one.id, outcome: "already", declared: null })),
  }));
  await flushOfficers(store, ME, tell);
  expect((await entries(store)).map(({ state, delay }) => [state, delay])).toEqual([
    ["waiting", "offline"],
  ]);
  await wake(store);
  await flushOfficers(store, ME, tell);
  expect(sent).toEqual(Array(2).fill({ events: [{ id, at, ...said }] }));
  expect(await entries(store)).toEqual([]);
});

test("nobody sends what another has recorded, and a session's end is no refusal", async () => {
  await enqueue(store, "nguoi.khac", "Chốt", said);
  const sent = server(json({ detail: "no" }, 403), json({ detail: "no" }, 401));
  await flushOfficers(store, ME, tell);
  expect(sent).toEqual([]);
  await flushOfficers(store, "nguoi.khac", tell);
  expect(sent).toEqual([]);
  await enqueue(store, ME, "Chốt", said);
  await flushOfficers(store, ME, tell);
  expect(told.at(-1)?.[1]).toBe("later");
  expect((await entries(store)).every(({ state }) => state === "waiting")).toBe(true);
});

test("without a page it is sent for whoever is signed in, and what is left is counted", async () => {
  const mine = await enqueue(store, ME, "Chốt", said);
  const other = await enqueue(store, "nguoi.khac", "Chốt", said);
  const sent = server(({ events }) => ({
    results: events.map(({ id }) => ({ id, outcome: "taken", declared: true })),
  }));
  expect(await flushOfficers(store, null, tell)).toBe(1);
  expect(sent).toEqual([{ events: [{ id: mine.id, at: mine.at, ...said }] }]);
  expect((await entries(store)).map(({ id, state }) => [id, state])).toEqual([
    [other.id, "waiting"],
  ]);
});

test("nothing is sent without a page as long as nobody is signed in", async () => {
  await enqueue(store, ME, "Chốt", said);
  vi.stubGlobal("fetch", () => Promise.resolve(json({ signedIn: false, login: "", role: "" })));
  expect(await flushOfficers(store, null, tell)).toBe(1);
  const [entry] = await entries(store);
  expect([entry?.state, entry?.attempts]).toEqual(["waiting", 0]);
});

test("pages hear what the worker has sent", async () => {
  const entry = await enqueue(store, ME, "Chốt", said);
  const outcome: Outcome = { kind: "taken", declared: true, again: false };
  const page = new BroadcastChannel(OFFICERS);
  const heard = new Promise((resolve) => {
    page.onmessage = ({ data }) => resolve(data);
  });
  tellPages(OFFICERS)(entry, outcome);
  const told = await heard;
  page.close();
  expect(heardOf(told, entry.id)).toEqual(outcome);
  expect(heardOf(told, "another")).toBeNull();
  // Nothing of who it was is told.
  expect(JSON.stringify(told)).not.toContain(said.token);
  expect(heardOf(null, entry.id)).toBeNull();
});

test("a person's own are sent each by itself, and too many wait as long as the server says", async () => {
  const { id } = await enqueue(store, "", "Chợ", said);
  const limited = new Response("{}", { status: 429, headers: { "Retry-After": "600" } });
  server(limited);
  expect(await flushOwn(store, tell)).toBe(1);
  expect(told).toEqual([[id, "later"]]);
  const [entry] = await entries(store);
  expect(entry?.delay).toBe("busy");
  expect((entry?.next_at ?? 0) - Date.now()).toBeGreaterThan(590_000);
});

test.each([
  ["eyJh.bc-_.de", "card"],
  ["049084000123|205|Trần|02091984|Nữ|Hội An|01052021", "idCard"],
  ["049 084 000 123", "number"],
  ["205123456", "number"],
  ["https://x.vn/check-in#D4F8", "site"],
  ["https://x.vn/", "unknown"],
  ["1234567890", "unknown"],
])("%j is a %s", (text, kind) => {
  expect(readText(text).kind).toBe(kind);
});

test("the address names the site", () => {
  expect(codeInAddress("#dieuhanh%3ACK-001")).toBe("dieuhanh:CK-001");
  expect(codeInAddress("")).toBeNull();
  expect(codeInAddress("#%")).toBeNull();
});

const coded = (data: Uint8Array | object): string =>
  Buffer.from(data instanceof Uint8Array ? data : JSON.stringify(data)).toString("base64url");

test("a card is told from a forged and an old one without a network", async () => {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(curve, true, ["sign", "verify"]);
  const known = { ...(await crypto.subtle.exportKey("jwk", pair.publicKey)), kid: "k1" };
  const token = async (exp: number, kid = "k1"): Promise<string> => {
    const body = `${coded({ alg: "ES256", kid })}.${coded({ sub: "x", exp })}`;
    const how = { name: "ECDSA", hash: "SHA-256" };
    const signature = await crypto.subtle.sign(
      how,
      pair.privateKey,
      new TextEncoder().encode(body),
    );
    return `${body}.${coded(new Uint8Array(signature))}`;
  };
  const soon = Date.now() / 1000 + 60;
  const good = await token(soon);
  expect(await standing(good, [known])).toBe("good");
  expect(await standing(await token(soon - 120), [known])).toBe("expired");
  const [head, , signature] = good.split(".");
  const changed = `${head}.${coded({ sub: "y", exp: soon })}.${signature}`;
  expect(await standing(changed, [known])).toBe("forged");
  expect(await standing("a.b.c", [known])).toBe("forged");
  expect(await standing(await token(soon, "newer"), [known])).toBe("unknown");
  expect(await standing(good, [])).toBe("unknown");
});
