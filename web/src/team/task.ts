import { button, h } from "../dom";
import { categorySymbol } from "../sos/symbols";
import type { TeamApp } from "./app";
import { direction, since } from "./list";
import type { Task } from "./model";
import { callLink } from "./parts";
import { clock, metres, t } from "./text";

/** All that the team may know of a task. */
export function taskView(app: TeamApp, task: Task, map: HTMLElement): HTMLElement[] {
  const { words } = app;
  const more = app.shown?.more[task.id];
  const report = more?.report ?? null;
  const place = `${task.lat.toFixed(5)}, ${task.lon.toFixed(5)}`;
  const spot = `${task.lat},${task.lon}`;
  return [
    h("a", { class: "button back", href: "#", "data-key": "back" }, t("allTasks")),
    h(
      "article",
      { class: `task priority-${task.priority}` },
      h(
        "div",
        { class: "task-head" },
        categorySymbol(task.category),
        h(
          "h2",
          { tabindex: -1, id: "heading" },
          words.code("sos_requests.category", task.category),
        ),
      ),
      h(
        "p",
        { class: "lead" },
        h("span", { class: "badge" }, words.code("sos_requests.priority", task.priority)),
        h("b", {}, words.code("sos_requests.state", task.state)),
        h("span", { class: "code" }, task.code),
      ),
      h("p", { class: "far" }, direction(task)),
      h("p", { class: "quiet arrow-says", hidden: true }),
      h(
        "div",
        { class: "ways" },
        h(
          "a",
          {
            class: "button button-strong",
            href: `geo:${spot}?q=${spot}(${encodeURIComponent(task.code)})`,
          },
          t("navigate"),
        ),
        button({ class: "button", "data-key": "map" }, () => void app.showMap(task), t("showMap")),
      ),
      map,
      h("dl", {}, ...facts(app, task), ...fact(t("position"), place + accuracy(task))),
      report?.phone
        ? callLink("button call", report.phone, t("callReporter", { phone: report.phone }))
        : null,
      h(
        "dl",
        {},
        ...fact(t("reporter"), report?.name),
        ...fact(t("onBehalf"), report?.on_behalf_of),
        ...fact(t("address"), report?.address),
        ...fact(t("needs"), report?.needs?.join(", ")),
        ...fact(t("note"), report?.note),
      ),
      report?.purged_at ? h("p", { class: "quiet" }, t("purged")) : null,
      notes(more?.notes ?? []),
      photos(task, more?.photos ?? []),
    ),
  ];
}

function accuracy({ accuracy_m }: Task): string {
  return accuracy_m === null ? "" : ` (± ${metres(Math.max(10, accuracy_m))})`;
}

function facts(app: TeamApp, task: Task): HTMLElement[] {
  const count = (value: number | null): string | null => (value ? String(value) : null);
  return [
    ...fact(t("peopleLabel"), task.people === null ? t("unknown") : String(task.people)),
    ...fact(t("injured"), count(task.injured)),
    ...fact(t("children"), count(task.children)),
    ...fact(t("elderly"), count(task.elderly)),
    ...fact(t("reported"), since(task.reported_at, "reportedAgo")),
    ...fact(t("assigned"), since(task.assigned_at, "assignedAgo")),
    ...fact(t("commune"), app.words.commune(task.commune_code)),
  ];
}

function fact(label: string, value: string | Node | null | undefined): HTMLElement[] {
  if (!value) return [];
  return [h("div", {}, h("dt", {}, label), h("dd", {}, value))];
}

function notes(said: { at: string; actor: string | null; note: string }[]): HTMLElement | null {
  if (said.length === 0) return null;
  return h(
    "section",
    { class: "notes" },
    h("h3", {}, t("messages")),
    h(
      "ul",
      {},
      ...said.map(({ at, actor, note }) =>
        h("li", {}, h("small", {}, `${clock(at)} ${actor ?? ""}`), " ", note),
      ),
    ),
  );
}

function photos(task: Task, all: { id: string }[]): HTMLElement | null {
  if (all.length === 0) return null;
  return h(
    "p",
    { class: "photo-links" },
    ...all.map(({ id }, index) =>
      h(
        "a",
        { class: "button", href: `/api/sos/${task.id}/photos/${id}`, target: "_blank" },
        t("photo", { n: index + 1 }),
      ),
    ),
  );
}
