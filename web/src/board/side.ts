import { button, h } from "../dom";
import { categorySymbol } from "../sos/symbols";
import type { Waiting } from "./api";
import type { SosRequest, Team } from "./model";
import { t, type Words } from "./words";

const FLAGS = {
  links: "reasonLinks",
  over_limit: "reasonLimited",
  many_from_phone: "reasonLimited",
  earlier_spam: "reasonRejected",
} as const;

/** The teams with what each has to do. */
export function teamList(
  loads: readonly { team: Team; tasks: string[] }[],
  requests: ReadonlyMap<string, SosRequest>,
  words: Words,
  choose: (id: string) => void,
  locate: (team: Team) => void,
): HTMLElement {
  if (loads.length === 0) return h("p", { class: "empty" }, t("noTeamsAtAll"));
  const task = (id: string): HTMLElement => {
    const request = requests.get(id);
    const label = request ? `${request.code} · ${words.state(request.state)}` : id.slice(0, 8);
    return h(
      "li",
      {},
      button({ class: "link" }, () => choose(id), label),
    );
  };
  return h(
    "ul",
    { class: "teams" },
    ...loads.map(({ team, tasks }) =>
      h(
        "li",
        { class: `team team-${team.state}` },
        button({ class: "link team-name" }, () => locate(team), team.name),
        h(
          "span",
          { class: "quiet" },
          [
            words.code("rescue_teams", "state", team.state),
            words.code("rescue_teams", "kind", team.kind),
            t("canCarry", { n: team.capacity }),
            tasks.length ? t("tasks", { count: tasks.length }) : t("noTasks"),
          ].join(" · "),
        ),
        tasks.length ? h("ul", { class: "team-tasks" }, ...tasks.map(task)) : null,
      ),
    ),
  );
}

/** The posts that wait, to be read and then taken or rejected. */
export function intakeList(
  waiting: readonly Waiting[],
  words: Words,
  decide: (post: Waiting, decision: "release" | "reject") => void,
): HTMLElement {
  if (waiting.length === 0) return h("p", { class: "empty" }, t("intakeNone"));
  const reason = (flag: string): string =>
    Object.hasOwn(FLAGS, flag) ? t(FLAGS[flag as keyof typeof FLAGS]) : flag;
  const cards = waiting.map((post) => {
    const facts: [string, string | null][] = [
      [t("why"), post.reasons.map(reason).join(", ")],
      [t("said"), post.note],
      [t("reporter"), post.name],
      [t("phone"), post.phone],
      [t("address"), post.address],
      [t("peopleLabel"), post.people === null ? null : String(post.people)],
      [t("received"), words.instant(post.received_at)],
    ];
    return h(
      "li",
      { class: "waiting" },
      h(
        "h2",
        {},
        categorySymbol(post.category),
        ` ${post.code} · ${words.category(post.category)}`,
      ),
      h(
        "dl",
        { class: "facts" },
        ...facts.flatMap(([name, value]) => (value ? [h("dt", {}, name), h("dd", {}, value)] : [])),
      ),
      h(
        "div",
        { class: "detail-buttons" },
        button({ class: "button button-strong" }, () => decide(post, "release"), t("release")),
        button({ class: "button" }, () => decide(post, "reject"), t("reject")),
      ),
    );
  });
  return h(
    "div",
    {},
    h("p", { class: "quiet" }, t("intakeHint")),
    h("ul", { class: "intake" }, ...cards),
  );
}

/** Puts new content into a place, unless it is what is there already. */
export function redraw(place: HTMLElement, content: HTMLElement): void {
  if (!place.firstElementChild?.isEqualNode(content)) place.replaceChildren(content);
}
