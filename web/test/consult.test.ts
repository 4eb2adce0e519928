import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  consultations,
  type Entry,
  forgetOld,
  openConsultations,
  type Post,
} from "../src/consult/queue";
import type { Store } from "../src/device-store";

const post: Post = {
  id: "a",
  name: "A",
  phone: "0905",
  age: 71,
  commune_code: "20335",
  symptoms: ["breathless"],
  conditions: [],
  pregnant: false,
  consent: true,
};
const taken = { id: "a", code: "C12", danger: true, follow: { token: "secret" } };
const quiet = (): void => undefined;
let store: Store;
let number = 0;

function server(...answers: (object | Error)[]): unknown[] {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)));
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return new Response(JSON.stringify(answer), { status: 201 });
  });
  return sent;
}

async function only(): Promise<Entry> {
  const all = await consultations.all(store);
  expect(all).toHaveLength(1);
  return all[0] as Entry;
}

beforeEach(async () => {
  store = await openConsultations(`consult-${number++}`);
  await consultations.enqueue(store, { id: "a", danger: true, post });
});
afterEach(() => {
  store.close();
  vi.unstubAllGlobals();
});

test("what was asked is sent as it is until it is taken, and then only its code stays", async () => {
  const sent = server(new Error("no network"), { welcome: true }, taken);
  for (const left of [1, 1, 0]) {
    await consultations.wake(store);
    expect(await consultations.flush(store, quiet)).toBe(left);
  }
  expect(sent).toEqual([post, post, post]);
  const receipt = { code: "C12", danger: true, token: "secret" };
  expect(await only()).toMatchObject({ state: "sent", post: null, receipt });
  await forgetOld(store, Date.now() + 20 * 86_400_000);
  await only();
  await forgetOld(store, Date.now() + 22 * 86_400_000);
  expect(await consultations.all(store)).toEqual([]);
});

test("without a network nothing is tried, and what waits is not replaced", async () => {
  vi.stubGlobal("navigator", { onLine: false });
  expect(await consultations.flush(store, quiet)).toBe(1);
  await consultations.enqueue(store, { id: "a", danger: false, post: { ...post, age: 1 } });
  expect(await only()).toMatchObject({ attempts: 0, danger: true, post });
});
