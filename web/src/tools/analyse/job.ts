// A run of a process: asked for, followed, ended before its time, and its result kept.
import { fetchJson, HttpError } from "../../http";
import { session } from "../../menu/session";
import type { Kept, Result } from "./result";

const POLL_MS = 700;

/** A job's address, and what came of it. */
export interface Finished {
  id: string;
  result: Result;
}

interface Status {
  jobID: string;
  status: string;
  progress?: number;
  message?: string;
}

/** A job under way, which can be ended. */
export class Job {
  #address: string | null = null;
  #ended = false;
  readonly #asPublic: boolean;

  /** @param asPublic whether to compute with nobody's rights, so that the result may be public. */
  constructor(asPublic: boolean) {
    this.#asPublic = asPublic;
  }

  /**
   * Runs a process to its end; null where it was cancelled.
   *
   * @throws HttpError when it is refused or fails; the message is for people.
   */
  async run(
    process: string,
    inputs: Record<string, unknown>,
    onProgress: (percent: number) => void,
  ): Promise<Finished | null> {
    const begun = await this.#send(`/ogc/processes/${process}/execution`, "POST", { inputs });
    this.#address = new URL(begun.headers.get("Location") ?? "", location.origin).pathname;
    if (this.#ended) {
      await this.cancel();
      return null;
    }
    while (!this.#ended) {
      const status = (await (await this.#send(`${this.#address}?f=json`, "GET")).json()) as Status;
      if (this.#ended) return null;
      if (status.status === "successful") {
        const answer = await this.#send(`${this.#address}/results`, "GET");
        return { id: status.jobID, result: (await answer.json()) as Result };
      }
      if (status.status === "failed" || status.status === "dismissed")
        throw new HttpError(400, status.message ?? status.status);
      onProgress(status.progress ?? 0);
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
    return null;
  }

  /** Ends the job; its result is forgotten. */
  async cancel(): Promise<void> {
    this.#ended = true;
    if (this.#address) await this.#send(this.#address, "DELETE").catch(() => undefined);
  }

  async #send(address: string, method: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      headers.Prefer = "respond-async";
    }
    if (!this.#asPublic && method !== "GET") headers["X-CSRF-Token"] = (await session()).csrf ?? "";
    return sent(address, {
      method,
      headers,
      credentials: this.#asPublic ? "omit" : "same-origin",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}

/** The results that are kept, whether this person may keep one, and what processes they may run. */
export function keptResults(): Promise<{
  results: Kept[];
  may_keep: boolean;
  may_run: string[];
}> {
  return fetchJson("/api/results");
}

/** Keeps a job's result. */
export async function keep(job: string, title: string, days: number): Promise<Kept> {
  const expires = new Date(Date.now() + days * 86_400_000).toISOString();
  const answer = await change("/api/results", "POST", { job, title, expires });
  return (await answer.json()) as Kept;
}

/** Removes a kept result. */
export async function remove(id: string): Promise<void> {
  await change(`/api/results/${encodeURIComponent(id)}`, "DELETE");
}

async function change(address: string, method: string, body?: unknown): Promise<Response> {
  const { csrf } = await session();
  return sent(address, {
    method,
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf ?? "" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function sent(address: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(address, init).catch((error) => {
    throw new HttpError(0, String(error));
  });
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
  throw new HttpError(answer.status, problem.detail ?? String(answer.status));
}
