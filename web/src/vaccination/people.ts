// The people of the desk, each with what comes next for them.
import { button, h } from "../dom";
import { pick } from "../locale";
import type { DeskApp } from "./app";
import { doseForm, leaveForm, reactionForm, screeningForm } from "./forms";
import type { Expected, Visit } from "./server";
import { t } from "./text";

/** A person's name, year of birth and doses before. */
function about(app: DeskApp, visit: Visit): HTMLElement[] {
  const doses = [...visit.before];
  if (visit.number && visit.vaccine && visit.given_at)
    doses.push({ number: visit.number, vaccine: visit.vaccine, given_on: visit.given_at });
  const told = doses.map(({ number, vaccine, given_on }) =>
    t("dose", { n: number, vaccine: app.vaccine(vaccine), day: app.day(given_on) }),
  );
  return [
    h(
      "h4",
      {},
      visit.name,
      visit.birth_year ? h("small", {}, ` · ${t("born", { year: visit.birth_year })}`) : null,
    ),
    h("p", { class: "quiet" }, told.join(" · ") || t("noDose")),
  ];
}

/** Somebody who waits for the screening. */
export function arrivedItem(app: DeskApp, visit: Visit): HTMLElement {
  const open = app.isOpen(visit, "screen");
  const next = open
    ? screeningForm(
        app.words,
        visit,
        (facts) => void app.step(visit, "screen", facts),
        () => app.open(null),
      )
    : h(
        "div",
        { class: "desk-actions" },
        button(
          { class: "button button-strong", "data-key": `fit-${visit.id}` },
          () => void app.step(visit, "screen", { outcome: "fit" }),
          t("isFit"),
        ),
        button({ class: "button" }, () => app.open(visit, "screen"), t("notFit")),
      );
  return h("li", { class: "desk-item" }, ...about(app, visit), next);
}

/** Somebody who waits for the dose. */
export function fitItem(app: DeskApp, visit: Visit): HTMLElement {
  const preferred = app.desk.sessions.find(({ lot }) => lot)?.lot ?? null;
  return h(
    "li",
    { class: "desk-item" },
    ...about(app, visit),
    doseForm(
      app.words,
      visit,
      app.desk.lots,
      preferred,
      app.isOpen(visit, "reason"),
      (facts) => void app.step(visit, "give", facts),
    ),
  );
}

/** Somebody who is watched; the time that is left counts down in it. */
export function observedItem(app: DeskApp, visit: Visit): HTMLElement {
  const until = Date.parse(visit.observe_until ?? "");
  const timer = h("p", { class: "desk-timer", role: "timer", "data-until": until });
  tick(timer);
  const isOver = until <= Date.now();
  let next: HTMLElement;
  if (app.isOpen(visit, "react"))
    next = reactionForm(
      app.words,
      visit,
      (facts) => void app.step(visit, "react", facts),
      () => app.open(null),
    );
  else if (app.isOpen(visit, "leave"))
    next = leaveForm(
      visit,
      (facts) => void app.step(visit, "leave", facts),
      () => app.open(null),
    );
  else
    next = h(
      "div",
      { class: "desk-actions" },
      button(
        { class: `button ${isOver ? "button-strong" : ""}` },
        () => (isOver ? void app.step(visit, "leave", {}) : app.open(visit, "leave")),
        t("leave"),
      ),
      button({ class: "button" }, () => app.open(visit, "react"), t("react")),
    );
  return h("li", { class: "desk-item" }, ...about(app, visit), timer, next);
}

/** Brings the time that is left up to date. */
export function tick(timer: HTMLElement): void {
  const seconds = Math.ceil((Number(timer.dataset.until) - Date.now()) / 1000);
  const pair = (n: number): string => String(n).padStart(2, "0");
  timer.textContent =
    seconds > 0
      ? t("left", { time: `${Math.floor(seconds / 60)}:${pair(seconds % 60)}` })
      : t("over");
  timer.classList.toggle("desk-over", seconds <= 0);
}

/** Somebody who is invited today. */
export function expectedItem(app: DeskApp, one: Expected): HTMLElement {
  return h(
    "li",
    { class: "desk-item desk-row" },
    h(
      "div",
      {},
      h("h4", {}, one.name),
      h(
        "p",
        { class: "quiet" },
        [
          app.time(one.slot_at),
          one.birth_year && t("born", { year: one.birth_year }),
          t("nextDose", { n: one.next_dose }),
        ]
          .filter(Boolean)
          .join(" · "),
      ),
    ),
    button(
      { class: "button", "aria-label": `${t("arrive")}: ${one.name}` },
      () => void app.arrive({ registration: one.id }),
      t("arrive"),
    ),
  );
}

/** Somebody with whom the desk is done. */
export function doneItem(app: DeskApp, visit: Visit): HTMLElement {
  const state = app.words.screenings.find(({ value }) => value === visit.state);
  const isReacting = app.isOpen(visit, "react");
  return h(
    "li",
    { class: "desk-item" },
    ...about(app, visit),
    state ? h("p", {}, pick(state)) : null,
    isReacting
      ? reactionForm(
          app.words,
          visit,
          (facts) => void app.step(visit, "react", facts),
          () => app.open(null),
        )
      : visit.number
        ? button({ class: "button" }, () => app.open(visit, "react"), t("react"))
        : null,
  );
}

/** A part of the list; one that may be long folds, and stands as it is told. */
export function part(
  name: "waiting" | "fit" | "observing" | "expected" | "done",
  items: HTMLElement[],
  isOpen?: boolean,
): HTMLElement {
  const title = h("h3", {}, t(name, { n: items.length }));
  const list =
    items.length > 0
      ? h("ul", { class: "desk-list" }, ...items)
      : h("p", { class: "quiet" }, t("nobody"));
  if (isOpen === undefined) return h("section", { class: "desk-part" }, title, list);
  return h(
    "details",
    { class: "desk-part", "data-part": name, open: isOpen },
    h("summary", {}, title),
    list,
  );
}
