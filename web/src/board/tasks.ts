import { button, h } from "../dom";
import type { BusyTeam, Candidate, Detail, NearTeam } from "./api";
import { isOpen } from "./model";
import { distance, duration, t, type Words } from "./words";

const REASONS = {
  phone: "reasonPhone",
  near: "reasonNear",
  distance: "reasonNear",
  time: "reasonTime",
  category: "reasonCategory",
} as const;
const MOST_KEYS = 9;
/** Tasks of a busy team that are named, the rest counted. */
const MOST_TASKS = 3;

function heading(text: string): HTMLElement {
  return h("h3", { tabindex: -1 }, text);
}

/**
 * The nearest free teams, each with a button and, for the first nine, a key; folded below them those
 * that have tasks already.
 *
 * @param give is called with the team, and whether it gets this beside what it has.
 */
export function assignTask(
  teams: readonly NearTeam[],
  busy: readonly BusyTeam[],
  words: Words,
  give: (team: number, also: boolean) => void,
  cancel: () => void,
): HTMLElement[] {
  const rows = teams.map((team, index) => {
    const key = index < MOST_KEYS ? String(index + 1) : "";
    const label = t("assignTo");
    return h(
      "li",
      {},
      key ? h("kbd", { "aria-hidden": "true" }, key) : h("span", {}),
      teamFacts(team, words),
      button(
        { class: "button", "aria-label": `${label}: ${team.name}`, "data-team": team.id },
        () => give(team.id, false),
        label,
      ),
    );
  });
  return [
    heading(t("nearTeams")),
    ...(rows.length
      ? [
          h("p", { class: "quiet keys-only" }, t("nearHint")),
          h("ol", { class: "near-teams" }, ...rows),
        ]
      : [h("p", {}, t("noTeams"))]),
    ...(busy.length ? [busyTeams(busy, rows.length === 0, words, give)] : []),
    cancelButton(cancel),
  ];
}

function teamFacts(team: NearTeam, words: Words, ...more: HTMLElement[]): HTMLElement {
  const carries = team.carries_all ? t("carriesAll") : t("carriesSome", { n: team.capacity });
  return h(
    "span",
    { class: "team-facts" },
    h("b", {}, team.name),
    h("span", {}, words.code("rescue_teams", "kind", team.kind), " · ", carries),
    h(
      "span",
      {},
      `${distance(team.distance_m)}, ${t("travel", { n: Math.ceil(team.travel_min) })} `,
      h("small", {}, `(${t(team.by === "road" ? "byRoad" : "byStraight")})`),
    ),
    ...more,
  );
}

function busyTeams(
  teams: readonly BusyTeam[],
  open: boolean,
  words: Words,
  give: (team: number, also: boolean) => void,
): HTMLElement {
  const label = t("assignAlso");
  const rows = teams.map((team) => {
    const has = team.tasks
      .slice(0, MOST_TASKS)
      .map(({ code, state }) => `${code} (${words.state(state)})`)
      .join(", ");
    const more = team.tasks.length - MOST_TASKS;
    const tasks = more > 0 ? t("andMore", { tasks: has, n: more }) : has || t("noTasks");
    return h(
      "li",
      {},
      h("span", {}),
      teamFacts(team, words, h("span", {}, t("hasTasks", { tasks }))),
      button(
        { class: "button", "aria-label": `${label}: ${team.name}`, "data-busy-team": team.id },
        () => give(team.id, true),
        label,
      ),
    );
  });
  return h(
    "details",
    { open },
    h("summary", {}, t("busyTeams", { count: teams.length })),
    h("p", { class: "quiet" }, t("busyHint")),
    h("ol", { class: "near-teams" }, ...rows),
  );
}

/** A request that may be the same, with all of it where it could be read. */
export interface Twin extends Candidate {
  detail: Detail | null;
}

/** The requests that may be the same, each beside the one that is shown. */
export function mergeTask(
  detail: Detail,
  twins: readonly Twin[],
  words: Words,
  merge: (into: string) => void,
  cancel: () => void,
): HTMLElement[] {
  if (twins.length === 0)
    return [heading(t("duplicates")), h("p", {}, t("noDuplicates")), cancelButton(cancel)];
  const pairs = twins.map((twin) =>
    h(
      "li",
      { class: "pair" },
      h(
        "div",
        { class: "sides" },
        side(detail, detail, `${t("thisOne")} ${detail.code}`, words),
        side(twin, twin.detail, twin.code, words),
      ),
      h("p", { class: "quiet" }, alike(twin)),
      isOpen(twin.state)
        ? null
        : h("p", { class: "caution" }, t("mergeClosed", { code: twin.code })),
      button(
        { class: "button", "data-into": twin.id },
        () => merge(twin.id),
        t("mergeInto", { code: twin.code }),
      ),
    ),
  );
  return [heading(t("duplicates")), h("ol", { class: "pairs" }, ...pairs), cancelButton(cancel)];
}

function side(
  one: Candidate | Detail,
  detail: Detail | null,
  title: string,
  words: Words,
): HTMLElement {
  const { name, phone, note } = detail?.report ?? {};
  const lines = [
    words.category(one.category),
    `${words.priority(one.priority)} · ${words.state(one.state)}`,
    one.people === null ? t("peopleUnknown") : t("people", { count: one.people }),
    words.instant(one.reported_at),
    [name, phone].filter(Boolean).join(" · "),
    note ?? "",
  ];
  return h(
    "div",
    { class: "side" },
    h("b", {}, title),
    ...lines.filter(Boolean).map((line) => h("span", {}, line)),
  );
}

/** How alike a request is, and why. */
function alike(twin: Candidate): string {
  const reasons = twin.reasons.map((reason) =>
    Object.hasOwn(REASONS, reason) ? t(REASONS[reason as keyof typeof REASONS]) : reason,
  );
  const apart = t("apart", {
    distance: distance(twin.distance_m),
    age: duration(Math.abs(twin.minutes) * 60),
  });
  return [t("likeness", { n: Math.round(twin.score * 100) }), apart, ...reasons].join(" · ");
}

/** How a request ends, with a note. */
export function closeTask(
  state: string,
  close: (state: string, note: string) => void,
  cancel: () => void,
): HTMLElement[] {
  const ends = [
    ["resolved", t("closeResolved")],
    ["cancelled", t("closeCancelled")],
    ["false", t("closeFalse")],
    ["spam", t("closeSpam")],
  ] as const;
  const onSite = state === "on_site";
  const maySpam = state === "new" || state === "verified";
  const first = onSite ? "resolved" : "cancelled";
  const note = h("textarea", {
    rows: 2,
    maxlength: 4000,
    "aria-label": t("note"),
    placeholder: t("note"),
  });
  const form = h(
    "form",
    {},
    h(
      "fieldset",
      {},
      h("legend", {}, t("closeHow")),
      ...ends.map(([value, label]) =>
        h(
          "label",
          { class: "choice-line" },
          h("input", {
            type: "radio",
            name: "end",
            value,
            checked: value === first,
            disabled: (value === "resolved" && !onSite) || (value === "spam" && !maySpam),
          }),
          label,
        ),
      ),
    ),
    onSite ? null : h("p", { class: "quiet" }, t("resolvedOnSite")),
    h("p", { class: "quiet" }, t(maySpam ? "spamHint" : "spamTooLate")),
    note,
    h(
      "div",
      { class: "detail-buttons" },
      h("button", { class: "button button-strong", type: "submit" }, t("confirmClose")),
      cancelButton(cancel),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    close(String(new FormData(form).get("end")), note.value.trim());
  });
  return [heading(t("close")), form];
}

function cancelButton(cancel: () => void): HTMLButtonElement {
  return button({ class: "button" }, cancel, t("cancel"));
}
