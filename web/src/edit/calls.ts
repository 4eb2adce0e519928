import type { Bilingual } from "../locale";

const PATIENCE_MS = 20_000;

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
  readonly problem: Record<string, unknown>;

  constructor(status: number, problem: { detail?: string; errors?: ServerFault[] }) {
    super(problem.detail ?? String(status));
    this.status = status;
    this.errors = problem.errors ?? [];
    this.problem = problem;
  }
}

export interface Session {
  signedIn: boolean;
  login: string;
  csrf?: string;
}

/** Asks and changes things of the server, with the cookie of the session. */
export class Calls {
  #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** What an address answers. */
  async read<T>(address: string): Promise<T> {
    return (await (await this.ask("GET", address)).json()) as T;
  }

  /** Sends a change; `body` is written as JSON, unless it is a file. */
  async change(
    method: string,
    address: string,
    body: unknown,
    type: string,
    tag?: string,
  ): Promise<Response> {
    const send = (): Promise<Response> =>
      this.ask(method, address, {
        headers: {
          "X-CSRF-Token": this.#session.csrf ?? "",
          ...(type ? { "Content-Type": type } : {}),
          ...(tag ? { "If-Match": tag } : {}),
        },
        body: body === undefined ? null : body instanceof Blob ? body : JSON.stringify(body),
      });
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 403) throw error;
      // Whoever has signed in again in another tab has another token.
      const { csrf, login } = this.#session;
      this.#session = await this.read<Session>("/api/session");
      if (this.#session.csrf === csrf || this.#session.login !== login) throw error;
      return await send();
    }
  }

  async ask(method: string, address: string, request: RequestInit = {}): Promise<Response> {
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
