import { button, h } from "../dom";
import { HttpError } from "../http";
import { language, onLanguage } from "../locale";
import mark from "../mark.svg?url";
import { siteTools } from "../menu/menu";
import { keepInStep, sender } from "../queue-page";
import { requestSync } from "../worker";
import { actionsView } from "./actions";
import { listView, reportsView } from "./list";
import { applied, type Said, type Snapshot, type Task } from "./model";
import { ask, callLink } from "./parts";
import { Positions } from "./positions";
import { flush, nextIn, QUEUE, tell } from "./queue";
import { listen, session, signOut, tasks } from "./server";
import * as store from "./store";
import { taskView } from "./task";
import { age, clock, t } from "./text";
import { Way } from "./way";
import { Words } from "./words";

/** Tasks are read again this often, also where the stream of changes hangs. */
const REFRESH_MS = 60_000;
const TICK_MS = 15_000;
const GATHER_MS = 700;
const ROLES: ReadonlySet<string> = new Set(["rescuer", "operator", "coordinator", "admin"]);

type Who = "unknown" | "known" | "signedOut" | "notYours";

/** The page: the tasks of one's teams, and what has been reported of them. */
export class TeamApp {
  readonly store: store.Store;
  words!: Words;
  entries: store.Entry[] = [];
  /** Whether the server answered the last time it was asked. */
  isReached = navigator.onLine;
  #login = "";
  #who: Who = "unknown";
  #snapshot: Snapshot | null = null;
  #stop: (() => void) | null = null;
  #gathering = 0;
  #refreshing = false;
  readonly #positions: Positions;
  readonly #way = new Way();
  readonly #bar = h("header", { class: "page-bar team-bar" });
  readonly #notice = h("section", { class: "notices" });
  readonly #main = h("main", { class: "team", tabindex: -1 });
  readonly #actions = h("section", { class: "team-actions" });
  readonly #foot = h("footer", { class: "team-foot" });
  readonly #updated = h("p", { class: "quiet" });
  #shown = "";

  /** Sends what is due; with `woken`, also what waits for its next try. */
  readonly send = sender({
    wake: () => store.wake(this.store),
    flush: async () => {
      const before = this.entries.length;
      await flush(this.store, () => {
        tell();
        void this.reload();
      });
      await this.reload();
      if (this.entries.length < before) void this.refresh();
    },
    nextIn: () => nextIn(this.store, this.#login),
  });

  constructor(opened: store.Store) {
    this.store = opened;
    this.#positions = new Positions(opened, () => this.#showPosition());
  }

  /** Puts the page together, reads the tasks and sends what waits. */
  async start(): Promise<void> {
    document.body.replaceChildren(this.#bar, this.#notice, this.#main, this.#foot, this.#actions);
    this.words = await Words.load(this.store);
    this.#snapshot = await store.snapshot(this.store);
    this.#login = this.#snapshot?.login ?? "";
    await this.reload();
    this.render();
    onLanguage(() => this.render());
    addEventListener("hashchange", () => this.#arrive());
    keepInStep(QUEUE, {
      connected: (is) => {
        if (is) void this.#connect();
        else {
          this.#disconnect();
          void this.reload();
        }
      },
      seen: (is) => {
        if (is) void this.#connect();
        else this.#disconnect();
      },
      changed: () => void this.reload(),
    });
    setInterval(() => this.#tick(), TICK_MS);
    setInterval(() => {
      if (!document.hidden && navigator.onLine) void this.refresh();
    }, REFRESH_MS);
    await this.#connect();
    await this.#positions.resume(this.#login);
  }

  get login(): string {
    return this.#login;
  }

  /** The tasks as they are once the reports of this device are taken. */
  get shown(): Snapshot | null {
    const waiting = this.entries.filter(
      ({ state, login }) => state !== "refused" && login === this.#login,
    );
    return (
      this.#snapshot &&
      applied(
        this.#snapshot,
        waiting.map(({ said }) => said),
      )
    );
  }

  async #connect(): Promise<void> {
    this.#disconnect();
    await this.refresh();
    void this.send(true);
    if (this.#who !== "known" || document.hidden || !navigator.onLine) return;
    this.#stop = listen((id, state) => {
      const isMine = this.#snapshot?.teams.some(({ tasks: own }) =>
        own.some((task) => task.id === id),
      );
      if (!isMine && state !== "assigned") return;
      clearTimeout(this.#gathering);
      this.#gathering = window.setTimeout(() => void this.refresh(), GATHER_MS);
    });
  }

  #disconnect(): void {
    this.#stop?.();
    this.#stop = null;
  }

  /** Asks the server who is signed in, and for the tasks. */
  async refresh(): Promise<void> {
    if (this.#refreshing || !navigator.onLine) return;
    this.#refreshing = true;
    try {
      const found = await session();
      this.isReached = found !== null;
      if (found) await this.#known(found.signedIn, found.login, found.role);
    } catch (error) {
      this.isReached = error instanceof HttpError && error.status >= 400;
    } finally {
      this.#refreshing = false;
    }
    await this.reload();
  }

  async #known(signedIn: boolean, login: string, role: string): Promise<void> {
    this.#who = !signedIn ? "signedOut" : ROLES.has(role) ? "known" : "notYours";
    if (this.#who !== "known" || (this.#snapshot && this.#snapshot.login !== login)) {
      await store.forgetTasks(this.store);
      await this.#positions.end();
    }
    if (signedIn) this.#login = login;
    if (this.#who !== "known") return;
    await store.keepSnapshot(this.store, await tasks(login));
  }

  /** Reads what this device has again, and shows it. */
  async reload(): Promise<void> {
    this.entries = await store.reports(this.store);
    this.#snapshot = await store.snapshot(this.store);
    this.render();
  }

  /** Puts a report into the queue and sends it. */
  async report(said: Said, more: { note?: string; wait_ms?: number } = {}): Promise<void> {
    await store.enqueue(this.store, this.#login, said, more);
    if (said.kind !== "team" && (said.value === "resolved" || said.kind === "decline"))
      location.hash = "";
    await this.reload();
    await requestSync(QUEUE);
    await this.send(false);
  }

  async undo(key: number): Promise<void> {
    await store.undo(this.store, key);
    await this.reload();
  }

  async dismiss(key: number): Promise<void> {
    await store.dismiss(this.store, key);
    await this.reload();
    void this.refresh();
  }

  get sharedTeam(): number | null {
    return this.#positions.sharedTeam;
  }

  async share(team: number | null): Promise<void> {
    await this.#positions.share(team, this.#login);
    this.render();
  }

  sharingText(team: number): string {
    return this.#positions.text(team);
  }

  async showMap(task: Task): Promise<void> {
    await this.#way.show(task, this.#positions.fix);
  }

  #task(): Task | undefined {
    const id = /^#task=([\w-]+)$/.exec(location.hash)?.[1];
    return this.shown?.teams.flatMap(({ tasks: own }) => own).find((task) => task.id === id);
  }

  #arrive(): void {
    this.render();
    scrollTo(0, 0);
    (this.#main.querySelector<HTMLElement>("#heading") ?? this.#main).focus();
  }

  /** All that is drawn depends on this; the time alone is written by `#tick`. */
  #drawn(): string {
    const now = Date.now();
    return JSON.stringify([
      language(),
      location.hash,
      this.#who,
      this.#login,
      navigator.onLine,
      this.isReached,
      this.#snapshot?.teams,
      this.#snapshot?.more,
      this.entries.map((entry) => [entry, entry.next_at > now]),
      this.sharedTeam,
    ]);
  }

  /**
   * Draws the page as it stands; the keyboard stays where it was. What has not changed is not drawn
   * again, so that nothing moves away under a finger.
   */
  render(): void {
    this.#renderNotice();
    const drawn = this.#drawn();
    if (drawn !== this.#shown) this.#draw();
    this.#shown = drawn;
    this.#updated.textContent = this.#snapshot
      ? t("updated", { at: clock(this.#snapshot.at) })
      : "";
    this.#showPosition();
  }

  #draw(): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
    document.title = t("title");
    this.#renderBar();
    const task = this.#who === "notYours" || this.#who === "signedOut" ? undefined : this.#task();
    const parts = this.#parts(task);
    this.#main.replaceChildren(...parts.filter((part) => part !== null));
    this.#actions.hidden = task === undefined;
    this.#actions.setAttribute("aria-label", t("actions"));
    this.#actions.replaceChildren(...(task ? actionsView(this, task) : []));
    this.#renderFoot();
    if (focused)
      document.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #parts(task: Task | undefined): (HTMLElement | null)[] {
    if (this.#who === "signedOut")
      return [
        h("h2", {}, t("signedOut")),
        h("p", {}, t(this.entries.length > 0 ? "signedOutWaiting" : "signedOutHint")),
        h("a", { class: "button button-strong", href: "/sign-in?next=/team" }, t("signIn")),
      ];
    if (this.#who === "notYours")
      return [
        h("h2", {}, t("notYours")),
        h("p", {}, t("notYoursHint")),
        h("a", { class: "button button-strong", href: "/" }, t("toMap")),
      ];
    const reports = reportsView(this, task?.id ?? null);
    if (task) return [reports, ...taskView(this, task, this.#way.element(task))];
    return [reports, this.#positions.offer(), ...listView(this)];
  }

  #showPosition(): void {
    this.#positions.fill(this.#main);
  }

  #renderBar(): void {
    const { hotline, synthetic } = this.words;
    this.#bar.replaceChildren(
      h("img", { src: mark, alt: "", width: 32, height: 32 }),
      h("h1", {}, t("title"), synthetic && h("small", {}, t("synthetic"))),
      siteTools(),
      ...(hotline ? [callLink("hotline", hotline, t("call", { hotline }))] : []),
    );
  }

  #renderNotice(): void {
    const offline = !navigator.onLine || !this.isReached;
    const at = this.#snapshot?.at;
    const seen = at ? t("seenAt", { at: clock(at), age: age(Date.now() - at) }) : "";
    const text = offline ? [t("offline"), seen].filter(Boolean).join(" ") : "";
    let line = this.#notice.querySelector<HTMLElement>(".offline");
    if (!line) {
      line = h("p", { class: "offline", role: "status" });
      this.#notice.append(line);
    }
    line.hidden = !offline;
    if (line.textContent !== text) line.textContent = text;
    this.#notice.setAttribute("aria-label", t("condition"));
    this.#positions.notice(this.#notice);
  }

  #renderFoot(): void {
    this.#foot.replaceChildren(
      this.#updated,
      h("a", { class: "button", href: "/" }, t("toMap")),
      ...(this.#who === "known"
        ? [
            button(
              { class: "button", "data-key": "sign-out" },
              () => void this.#leave(),
              t("signOut", { login: this.#login }),
            ),
          ]
        : []),
    );
  }

  /** Signs out and forgets the tasks; reports that wait stay for who made them. */
  async #leave(): Promise<void> {
    const waiting = this.entries.filter(({ state }) => state !== "refused").length;
    const answer = await ask({
      title: t("askSignOut"),
      hint: waiting > 0 ? t("askSignOutWaiting", { n: waiting }) : t("askSignOutHint"),
      note: null,
      yes: t("signOutYes"),
      isDanger: false,
    });
    if (answer === null) return;
    await signOut().catch(() => undefined);
    await store.forgetTasks(this.store);
    await this.#positions.end();
    await this.#connect();
  }

  #tick(): void {
    for (const one of this.#main.querySelectorAll<HTMLElement>("[data-since]"))
      one.textContent = t(one.dataset.text as "reportedAgo", {
        age: age(Date.now() - Number(one.dataset.since)),
      });
    this.#renderNotice();
  }
}
