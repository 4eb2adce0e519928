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

/**
 * Fetches JSON from this server.
 *
 * @throws HttpError when the answer is an error, is no JSON, or does not come within 15 seconds.
 * @throws DOMException named AbortError when the caller's signal fires.
 */
export async function fetchJson<T>(address: string, signal?: AbortSignal): Promise<T> {
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
    return (await answer.json()) as T;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new HttpError(answer.status, String(error));
  }
}
