import type { Feature } from "../config";
import type { Bilingual } from "../locale";
import type { FormRecord } from "./fields";

const PATIENCE_MS = 20_000;

export type Action = "create" | "change" | "delete";

/** One fault that the server found: its column, and the rule that is broken. */
export interface ServerFault {
  column: string | null;
  rule: Bilingual;
}

/** The server's refusal, with its problem details. Status 0: it did not answer. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly errors: ServerFault[];

  constructor(status: number, problem: { detail?: string; errors?: ServerFault[] }) {
    super(problem.detail ?? String(status));
    this.status = status;
    this.errors = problem.errors ?? [];
  }
}

/** A feature, with the tag that names the state it is in. */
export interface Tagged {
  feature: Feature;
  tag: string;
}

/** One change of a feature, as its history tells it. */
export interface Change {
  version: number;
  at: string;
  actor: string | null;
  operation: string;
  changes: { column: string; before: unknown; after: unknown }[];
  before: Feature | null;
  after: Feature | null;
}

/** A feature that is gone, as it was last. */
export interface Deletion {
  id: string;
  /** The last version of the layer at which it was there. */
  lastVersion: number;
  at: string;
  actor: string;
  feature: Feature;
}

export interface Session {
  signedIn: boolean;
  login: string;
  csrf?: string;
}

/** What editing asks of the server, with the cookie of the session. */
export class Server {
  #session: Session;
  readonly #forms = new Map<string, Promise<FormRecord>>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** What the person may do in each layer, somewhere in it at least. */
  async layers(): Promise<Record<string, Action[]>> {
    return (await this.#read<{ layers: Record<string, Action[]> }>("/api/forms")).layers;
  }

  /** The form of a layer; asked for once. */
  form(layer: string): Promise<FormRecord> {
    const known = this.#forms.get(layer);
    if (known) return known;
    const asked = this.#read<FormRecord>(`/api/forms/${encodeURIComponent(layer)}`);
    this.#forms.set(layer, asked);
    asked.catch(() => this.#forms.delete(layer));
    return asked;
  }

  /** What the person may do with one feature. */
  async may(layer: string, id: string): Promise<Action[]> {
    const address = `/api/forms/${encodeURIComponent(layer)}/${encodeURIComponent(id)}`;
    return (await this.#read<{ may: Action[] }>(address)).may;
  }

  async feature(item: string): Promise<Tagged> {
    return tagged(await this.#ask("GET", `${item}?f=json`));
  }

  async history(item: string): Promise<Change[]> {
    return (await this.#read<{ changes: Change[] }>(`${item}/history`)).changes;
  }

  /** The features deleted last from a layer that the person may bring back, the last first. */
  async deleted(layer: string): Promise<Deletion[]> {
    const address = `/ogc/collections/${encodeURIComponent(layer)}/deleted`;
    return (await this.#read<{ deleted: Deletion[] }>(address)).deleted;
  }

  async create(items: string, feature: unknown): Promise<Tagged> {
    return tagged(await this.#change("POST", items, feature, "application/geo+json"));
  }

  async patch(item: string, tag: string, patch: unknown): Promise<Tagged> {
    return tagged(await this.#change("PATCH", item, patch, "application/merge-patch+json", tag));
  }

  async remove(item: string, tag: string): Promise<void> {
    await this.#change("DELETE", item, undefined, "", tag);
  }

  async restore(item: string, tag: string, version: number): Promise<Tagged> {
    const body = { version };
    return tagged(await this.#change("POST", `${item}/restore`, body, "application/json", tag));
  }

  async #read<T>(address: string): Promise<T> {
    return (await (await this.#ask("GET", address)).json()) as T;
  }

  async #change(
    method: string,
    address: string,
    body: unknown,
    type: string,
    tag?: string,
  ): Promise<Response> {
    const send = (): Promise<Response> =>
      this.#ask(method, address, {
        headers: {
          "X-CSRF-Token": this.#session.csrf ?? "",
          ...(type ? { "Content-Type": type } : {}),
          ...(tag ? { "If-Match": tag } : {}),
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 403) throw error;
      // Whoever has signed in again in another tab has another token.
      const { csrf, login } = this.#session;
      this.#session = await this.#read<Session>("/api/session");
      if (this.#session.csrf === csrf || this.#session.login !== login) throw error;
      return await send();
    }
  }

  async #ask(method: string, address: string, request: RequestInit = {}): Promise<Response> {
    let answer: Response;
    try {
      answer = await fetch(address, {
        ...request,
        method,
        headers: { Accept: "application/geo+json, application/json", ...request.headers },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch (error) {
      throw new Refusal(0, { detail: String(error) });
    }
    if (answer.ok) return answer;
    throw new Refusal(answer.status, await answer.json().catch(() => ({})));
  }
}

async function tagged(answer: Response): Promise<Tagged> {
  const tag = answer.headers.get("etag") ?? "*";
  return { feature: (await answer.json()) as Feature, tag };
}
