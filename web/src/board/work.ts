import {
  type Api,
  type BusyTeam,
  type Candidate,
  type Detail,
  type NearTeam,
  Refused,
  type Waiting,
} from "./api";
import type { BoardData } from "./data";
import type { DetailPanel } from "./detail";
import type { Messages } from "./frame";
import { assignTask, closeTask, mergeTask } from "./tasks";
import { t, type Words } from "./words";

/** Teams that are offered: as many as there are keys for. */
const MOST_NEAR = 9;
/** Requests that are compared with one, the likeliest. */
const MOST_TWINS = 5;

export type Task = "assign" | "merge" | "close";

/** What a coordinator does with the request that is shown, and what is said of it. */
export class Work {
  readonly #api: Api;
  readonly #data: BoardData;
  readonly #panel: DetailPanel;
  readonly #words: Words;
  readonly #messages: Messages;
  readonly #reload: () => Promise<void>;
  readonly #ended: () => void;
  #task: Task | null = null;
  #busy = false;

  /**
   * @param reload reads the request that is shown again.
   * @param ended is called when nobody is signed in any more.
   */
  constructor(
    api: Api,
    data: BoardData,
    panel: DetailPanel,
    words: Words,
    messages: Messages,
    reload: () => Promise<void>,
    ended: () => void,
  ) {
    this.#api = api;
    this.#data = data;
    this.#panel = panel;
    this.#words = words;
    this.#messages = messages;
    this.#reload = reload;
    this.#ended = ended;
  }

  /** Whether a task is open, which takes the digits and Escape. */
  get task(): Task | null {
    return this.#panel.task.hidden ? null : this.#task;
  }

  async open(task: Task): Promise<void> {
    const detail = this.#panel.shown;
    if (!detail) return;
    const cancel = (): void => this.cancel();
    let parts: HTMLElement[] = [];
    if (task === "close")
      parts = closeTask(detail.state, (state, note) => void this.#close(state, note), cancel);
    else {
      const found = await this.#ask(detail, async () =>
        task === "assign" ? this.#teams(detail) : this.#duplicates(detail),
      );
      // Another request may have been chosen meanwhile.
      if (!found || this.#panel.shown?.id !== detail.id) return;
      parts = found;
    }
    this.#task = task;
    this.#panel.task.replaceChildren(...parts);
    this.#panel.task.hidden = false;
    this.#panel.task.scrollIntoView({ block: "start" });
    const first = this.#panel.task.querySelector<HTMLElement>(
      task === "close" ? "input:checked" : "h3",
    );
    first?.focus({ preventScroll: true });
  }

  cancel(): void {
    this.#panel.task.hidden = true;
    this.#panel.task.replaceChildren();
  }

  /** Assigns to the team of that number in the list. */
  digit(number: number): void {
    if (this.task !== "assign") return;
    this.#panel.task.querySelectorAll<HTMLButtonElement>("[data-team]")[number - 1]?.click();
  }

  step(state: string, note = ""): Promise<boolean> {
    return this.#write("steps", { state, note: note || null });
  }

  #close(state: string, note: string): Promise<boolean> {
    if (state !== "spam") return this.step(state, note);
    const code = this.#panel.shown?.code ?? "";
    return this.#write("spam", { note: note || null }, t("spamMarked", { code }));
  }

  async note(text: string): Promise<boolean> {
    const code = this.#panel.shown?.code ?? "";
    return this.#write("notes", { note: text }, t("noted", { code }));
  }

  async priority(priority: string, reason: string): Promise<boolean> {
    const code = this.#panel.shown?.code ?? "";
    return this.#write("priority", { priority, reason }, t("prioritySet", { code }), "PUT");
  }

  unmerge(): void {
    void this.#write("unmerge", {});
  }

  async decide(post: Waiting, decision: "release" | "reject"): Promise<void> {
    try {
      await this.#api.write(`/api/sos/intake/${post.id}`, { decision });
      this.#messages.say(t(decision === "release" ? "released" : "rejected", { code: post.code }));
    } catch (error) {
      const { problem, status, said } = refusal(error);
      const by = typeof problem.by === "string" ? problem.by : null;
      const text = status === 409 && by ? t("alreadyDecided", { by, code: post.code }) : said;
      this.#messages.warn(text);
    }
    await this.#data.readWaiting();
  }

  async #teams(detail: Detail): Promise<HTMLElement[]> {
    const ask = <T>(which: string): Promise<{ teams: T[] }> =>
      this.#api.read(`/api/sos/${detail.id}/${which}?limit=${MOST_NEAR}`);
    const [free, busy] = await Promise.all([ask<NearTeam>("teams"), ask<BusyTeam>("busy-teams")]);
    const call = detail.team ? "hand-over" : "assignment";
    const give = (team: number, also: boolean): void => void this.#write(call, { team, also });
    return assignTask(free.teams, busy.teams, this.#words, give, () => this.cancel());
  }

  async #duplicates(detail: Detail): Promise<HTMLElement[]> {
    const path = `/api/sos/${detail.id}/duplicates?limit=${MOST_TWINS}`;
    const { duplicates } = await this.#api.read<{ duplicates: Candidate[] }>(path);
    const twins = await Promise.all(
      duplicates.map(async (one) => ({
        ...one,
        // One of another district may not be read; it is compared by what is known.
        detail: await this.#api.read<Detail>(`/api/sos/${one.id}`).catch(() => null),
      })),
    );
    const merge = (into: string): void => void this.#write("merge", { into });
    return mergeTask(detail, twins, this.#words, merge, () => this.cancel());
  }

  async #write(call: string, body: unknown, said?: string, method = "POST"): Promise<boolean> {
    const detail = this.#panel.shown;
    if (!detail || this.#busy) return false;
    this.#busy = true;
    try {
      const done = await this.#ask(detail, () =>
        this.#api.write<{ state: string }>(`/api/sos/${detail.id}/${call}`, body, method),
      );
      if (!done) return false;
      this.#messages.clear();
      const state = this.#words.state(done.state);
      this.#messages.say(said ?? t("done", { code: detail.code, state }));
      if (call !== "notes" && call !== "priority") this.cancel();
      await this.#reload();
      this.#data.readAssignments();
      return true;
    } finally {
      this.#busy = false;
    }
  }

  /** Does something with a request; says why if it is refused, and reads the request again. */
  async #ask<T>(detail: Detail, action: () => Promise<T>): Promise<T | null> {
    try {
      return await action();
    } catch (error) {
      const { problem, status, said } = refusal(error);
      if (status === 409) {
        this.cancel();
        this.#messages.warn(this.#tooLate(detail, problem, said));
        await this.#reload();
        this.#data.readAssignments();
      } else if (status === 401) this.#ended();
      else this.#messages.warn(said);
      return null;
    }
  }

  #tooLate(detail: Detail, problem: Record<string, unknown>, said: string): string {
    const { code } = detail;
    if (typeof problem.by !== "string") return t("alreadyChanged", { code, detail: said });
    const at = this.#words.instant(String(problem.at));
    return t("alreadyAssigned", { by: problem.by, code, team: String(problem.team), at });
  }
}

function refusal(error: unknown): {
  status: number;
  problem: Record<string, unknown>;
  said: string;
} {
  if (!(error instanceof Refused)) throw error;
  const { status, problem } = error;
  if (status === 0) return { status, problem, said: t("noAnswer") };
  const detail = error.sentence();
  return { status, problem, said: status === 409 ? detail : t("refused", { detail }) };
}
