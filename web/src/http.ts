import { KEPT_AT } from "./kept-data";
import type { Bilingual } from "./locale";

const PATIENCE_MS = 15_000;

/** What the server says is wrong (RFC 9457); `rule` where it says it in both languages. */
export interface Problem {
  detail: string;
  rule?: Bilingual;
}

/** The server answered with an error, or (status 0) not at all. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly problem: Problem | null;

  constructor(status: number, message: string, problem: Problem | null = null) {
    super(message);
    this.status = status;
    this.problem = problem;
  }
}

async function problemOf(answer: Response): Promise<Problem | null> {
  if (!answer.headers.get("content-type")?.startsWith("application/problem+json")) return null;
  return (await answer.json().catch(() => null)) as Problem | null;
}

/** What was fetched; `keptAt` is when the server gave it, where the server is away and it was kept. */
export interface Fetched<T> {
  data: T;
  keptAt: string | null;
}

/** Fetches JSON from this server; fails as `fetchKept` does. */
export async function fetchJson<T>(address: string, signal?: AbortSignal): Promise<T> {
  return (await fetchKept<T>(address, signal)).data;
}

/**
 * Fetches JSON from this server, or from what the service worker has kept of it.
 *
 * @throws HttpError when the answer is an error, is no JSON, or does not come within 15 seconds.
 * @throws DOMException named AbortError when the caller's signal fires.
 */
export async function fetchKept<T>(address: string, signal?: AbortSignal): Promise<Fetched<T>> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  let answer: Response;
  try {
    answer = await fetch(address, {
      headers: { Accept: "application/geo+json, application/json" },
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new HttpError(0, String(error));
  }
  if (!answer.ok) {
    const said = `${answer.status} ${answer.statusText}`;
    throw new HttpError(answer.status, said, await problemOf(answer));
  }
  try {
    return { data: (await answer.json()) as T, keptAt: answer.headers.get(KEPT_AT) };
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new HttpError(answer.status, String(error));
  }
}
