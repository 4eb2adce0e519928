import { Refused } from "../board/api";
import { button, h } from "../dom";
import { categorySymbol } from "../sos/symbols";
import type { TeamApp } from "./app";
import { type Said, type Task, TEAM_STATES, type Team } from "./model";
import { canUndo, type Entry } from "./store";
import { age, clock, t } from "./text";

const RANKS = ["critical", "high", "medium", "low"];

/** All teams of the login, each with its state, its sharing and its tasks. */
export function listView(app: TeamApp): HTMLElement[] {
  const told = app.shown;
  if (!told) return [h("p", { role: "status" }, t(app.isReached ? "loading" : "nothingKept"))];
  if (told.teams.length === 0) return [h("h2", {}, t("noTeam")), h("p", {}, t("noTeamHint"))];
  // What there is to do comes first.
  const busyFirst = [...told.teams].sort(
    (a, b) => Number(b.tasks.length > 0) - Number(a.tasks.length > 0),
  );
  return busyFirst.map((team) => teamView(app, team));
}

function teamView(app: TeamApp, team: Team): HTMLElement {
  const tasks = [...team.tasks].sort((a, b) => rank(a) - rank(b));
  return h(
    "section",
    { class: "one-team", "aria-label": team.name },
    h("h2", {}, team.name),
    tasks.length === 0
      ? h("p", { class: "quiet" }, t("noTasks"))
      : h("ul", { class: "tasks" }, ...tasks.map((task) => card(app, task))),
    states(app, team),
    sharing(app, team),
  );
}

function rank({ priority }: Task): number {
  return RANKS.indexOf(priority);
}

function card(app: TeamApp, task: Task): HTMLElement {
  const { words } = app;
  return h(
    "li",
    {},
    h(
      "a",
      {
        class: `card priority-${task.priority}`,
        href: `#task=${task.id}`,
        "data-key": `task-${task.id}`,
      },
      categorySymbol(task.category),
      h(
        "span",
        { class: "card-facts" },
        h("b", {}, words.code("sos_requests.category", task.category)),
        h(
          "span",
          {},
          h("span", { class: "badge" }, words.code("sos_requests.priority", task.priority)),
          " ",
          task.people === null ? t("peopleUnknown") : t("people", { n: task.people }),
        ),
        h(
          "span",
          {},
          `${words.code("sos_requests.state", task.state)} · ${task.code} · `,
          since(task.reported_at, "reportedAgo"),
        ),
        direction(task),
      ),
    ),
  );
}

/** Filled in by the page with the way to a task, as often as the position changes. */
export function direction({ lon, lat }: Task): HTMLElement {
  return h("span", { class: "direction", "data-lon": lon, "data-lat": lat });
}

/** How long ago something was, kept true by the page. */
export function since(at: string | number, text: "reportedAgo" | "assignedAgo"): HTMLElement {
  const moment = new Date(at).getTime();
  return h(
    "span",
    { "data-since": moment, "data-text": text },
    t(text, { age: age(Date.now() - moment) }),
  );
}

function states(app: TeamApp, team: Team): HTMLElement {
  const isTaken = team.tasks.length > 0;
  return h(
    "div",
    { class: "states", role: "group", "aria-label": t("ownState") },
    h("p", { class: "label" }, t("ownState")),
    ...TEAM_STATES.map((value) =>
      button(
        {
          class: "state-button",
          "aria-pressed": String(team.state === value),
          "data-key": `state-${team.id}-${value}`,
          disabled: isTaken && value !== "busy",
        },
        () => void app.report({ kind: "team", team: team.id, code: team.name, value }),
        app.words.code("rescue_teams.state", value),
      ),
    ),
    isTaken ? h("p", { class: "quiet" }, t("busyWithTasks")) : null,
  );
}

function sharing(app: TeamApp, team: Team): HTMLElement {
  const isOn = app.sharedTeam === team.id;
  return h(
    "div",
    { class: "sharing", "data-on": isOn },
    button(
      {
        class: "share-button",
        role: "switch",
        "aria-checked": String(isOn),
        "aria-describedby": `sharing-${team.id}`,
        "data-key": `share-${team.id}`,
      },
      () => void app.share(isOn ? null : team.id),
      h("span", {}, t("share")),
      h("span", { class: "knob", "aria-hidden": "true" }),
      h("b", {}, t(isOn ? "on" : "off")),
    ),
    h("p", { id: `sharing-${team.id}`, class: "quiet", role: "status" }, app.sharingText(team.id)),
  );
}

/** What a report said, in words. */
export function saidText(app: TeamApp, { kind, value, code }: Said): string {
  if (kind === "team") return `${code}: ${app.words.code("rescue_teams.state", value)}`;
  const what = kind === "decline" ? t("declined") : app.words.code("sos_requests.state", value);
  return `${code}: ${what}`;
}

const DELAYS = {
  offline: "delayOffline",
  busy: "delayBusy",
  server: "delayServer",
  signedOut: "delaySignedOut",
} as const;

/** Reports that wait or were refused; of one task, or of all where none is given. */
export function reportsView(app: TeamApp, task: string | null): HTMLElement | null {
  const mine = app.entries.filter(({ login }) => login === app.login);
  const others = app.entries.length - mine.length;
  const listed = mine.filter(
    ({ said, state }) =>
      state === "refused" || task === null || (said.kind !== "team" && said.request === task),
  );
  if (listed.length === 0 && others === 0) return null;
  return h(
    "section",
    { class: "reports", "aria-label": t("reports") },
    ...listed.map((one) => reportView(app, one)),
    others > 0 ? h("p", { class: "quiet" }, t("othersReports", { n: others })) : null,
  );
}

function reportView(app: TeamApp, entry: Entry): HTMLElement {
  const text = t("said", { what: saidText(app, entry.said), at: clock(entry.made_at) });
  const key = entry.key as number;
  if (entry.state === "refused") {
    const { status, detail } = entry.problem ?? { status: 0, detail: "" };
    return h(
      "div",
      { class: "refused", role: "alert" },
      h("p", {}, h("b", {}, text)),
      h("p", {}, t("refused", { why: new Refused(status, { detail }).sentence() })),
      button(
        { class: "button", "data-key": `dismiss-${key}` },
        () => void app.dismiss(key),
        t("understood"),
      ),
    );
  }
  const how = entry.delay
    ? t(DELAYS[entry.delay])
    : t(navigator.onLine ? "sending" : "delayOffline");
  return h(
    "div",
    { class: "waiting" },
    h("p", { role: "status" }, h("b", {}, text), " ", how),
    canUndo(entry)
      ? button({ class: "button", "data-key": `undo-${key}` }, () => void app.undo(key), t("undo"))
      : null,
  );
}
