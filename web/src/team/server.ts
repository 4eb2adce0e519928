import type { Detail, Session } from "../board/api";
import { fetchJson, HttpError } from "../http";
import type { More, Snapshot, Team } from "./model";

const PATIENCE_MS = 15_000;
/** Tasks of which everything is read; a team has seldom more than a few. */
const MOST = 30;

/** Who is signed in. Null where there is no answer of this server. */
export async function session(): Promise<Session | null> {
  try {
    const found = await fetchJson<Session>("/api/session");
    return typeof found.signedIn === "boolean" ? found : null;
  } catch {
    return null;
  }
}

/**
 * The tasks of a login's teams, with what only they may read of each.
 *
 * @throws HttpError when the server refuses or does not answer.
 */
export async function tasks(login: string): Promise<Snapshot> {
  const { teams } = await fetchJson<{ teams: Team[] }>("/api/teams/mine");
  if (!Array.isArray(teams)) throw new HttpError(0, "no answer of this server");
  const ids = teams.flatMap((team) => team.tasks.map(({ id }) => id)).slice(0, MOST);
  const more: Record<string, More> = {};
  await Promise.all(
    ids.map(async (id) => {
      try {
        more[id] = moreOf(await fetchJson<Detail>(`/api/sos/${id}`));
      } catch (error) {
        // Taken from the team between the two answers: the next refresh tells.
        if (!(error instanceof HttpError && error.status === 403)) throw error;
      }
    }),
  );
  return { login, at: Date.now(), teams, more };
}

function moreOf({ report, photos, steps }: Detail): More {
  return {
    report,
    photos: photos.map(({ id }) => ({ id })),
    notes: steps.flatMap(({ at, actor, note }) => (note ? [{ at, actor, note }] : [])),
  };
}

/**
 * Posts to this server with the token of the session.
 *
 * @throws HttpError when the server refuses, or (status 0) does not answer.
 */
export async function post<T>(path: string, body: object): Promise<T> {
  const who = await session();
  if (!who) throw new HttpError(0, "no answer");
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": who.csrf ?? "" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    throw new HttpError(0, String(error));
  }
  if (!answer.ok) throw new HttpError(answer.status, answer.statusText);
  return (await answer.json()) as T;
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  const who = await session();
  if (!who?.signedIn) return;
  await fetch("/api/session", { method: "DELETE", headers: { "X-CSRF-Token": who.csrf ?? "" } });
}

const AGAIN_MS = 5000;

/** Tells of changes of requests as they come, until it is told to stop. */
export function listen(changed: (id: string, state: string | null) => void): () => void {
  let source: EventSource | null = null;
  let again = 0;
  const connect = (): void => {
    source = new EventSource("/api/live?layers=sos_requests");
    source.addEventListener("change", ({ data }) => {
      const change = JSON.parse(data) as {
        id: string;
        feature?: { properties: { state?: string } };
      };
      changed(change.id, change.feature?.properties.state ?? null);
    });
    for (const kind of ["refresh", "reset"])
      source.addEventListener(kind, () => changed("", "assigned"));
    // What changed while there was no stream is not told.
    source.addEventListener("open", () => changed("", "assigned"));
    source.addEventListener("error", () => {
      // A browser connects again by itself after a break, but gives up at an answer of an error.
      if (source?.readyState === EventSource.CLOSED) again = window.setTimeout(connect, AGAIN_MS);
    });
  };
  connect();
  return () => {
    clearTimeout(again);
    source?.close();
  };
}
