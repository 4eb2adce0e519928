import { button, h } from "../dom";
import type { Detail, Step } from "./api";
import { hasTeam, isOpen, nextStates } from "./model";
import { volunteersOf } from "./volunteers";
import { distance, t, type Words } from "./words";

/** What the detail panel asks the board to do. */
export interface DetailActions {
  step(state: string): void;
  openTask(task: "assign" | "merge" | "close"): void;
  note(text: string): Promise<boolean>;
  priority(priority: string, reason: string): Promise<boolean>;
  unmerge(): void;
  showOnMap(): void;
  choose(id: string): void;
  codeOf(id: string): string;
}

const KINDS = {
  posted: "kindPosted",
  state: "kindState",
  priority: "kindPriority",
  note: "kindNote",
  details: "kindDetails",
  assign: "kindAssign",
  decline: "kindDecline",
  hand_over: "kindHandOver",
  merge: "kindMerge",
  photo: "photos",
  unmerge: "unmerge",
  merged_in: "mergedHere",
} as const;

/** All of one request. What is being written in it outlives what changes around it. */
export class DetailPanel {
  readonly element: HTMLElement;
  /** Where assigning, merging and closing happen. */
  readonly task: HTMLElement;
  readonly #words: Words;
  readonly #actions: DetailActions;
  readonly #mayRank: boolean;
  readonly #heading = h("h2", { tabindex: -1 });
  readonly #lead = h("p", { class: "detail-lead" });
  readonly #buttons = h("div", { class: "detail-buttons" });
  readonly #facts = h("div", {});
  readonly #rank = h("div", {});
  readonly #history = h("div", {});
  readonly #body: HTMLElement;
  readonly #empty: HTMLElement;
  #shown: Detail | null = null;

  /** @param mayRank whether this role sets priorities. */
  constructor(words: Words, actions: DetailActions, mayRank: boolean) {
    this.#words = words;
    this.#actions = actions;
    this.#mayRank = mayRank;
    this.task = h("section", { class: "task", hidden: true });
    this.#empty = h("p", { class: "empty" }, t("choose"));
    this.#body = h("div", { class: "detail-body", hidden: true });
    this.element = h("div", { class: "detail" }, this.#empty, this.#body);
  }

  get shown(): Detail | null {
    return this.#shown;
  }

  /** Says that a request is on its way, or that none is chosen. */
  wait(text: string): void {
    this.#shown = null;
    this.#body.hidden = true;
    this.#empty.hidden = false;
    this.#empty.textContent = text;
  }

  show(detail: Detail): void {
    const isOther = this.#shown?.id !== detail.id;
    this.#shown = detail;
    this.#empty.hidden = true;
    this.#body.hidden = false;
    if (isOther) {
      this.task.hidden = true;
      this.#body.replaceChildren(
        h("header", { class: `detail-head` }, this.#heading, this.#lead),
        this.#buttons,
        this.task,
        this.#facts,
        this.#noteForm(),
        this.#rank,
        this.#history,
      );
      this.#rank.replaceChildren(
        ...(this.#mayRank && isOpen(detail.state) ? [this.#rankForm(detail)] : []),
      );
    }
    const words = this.#words;
    this.#heading.textContent = t("request", { code: detail.code });
    this.#lead.replaceChildren(
      h("span", { class: `chip priority-${detail.priority}` }, words.priority(detail.priority)),
      ` ${words.category(detail.category)} · `,
      h("b", {}, words.state(detail.state)),
    );
    const focused = this.#buttons.contains(document.activeElement);
    this.#buttons.replaceChildren(...this.#actionButtons(detail));
    if (focused) this.#heading.focus({ preventScroll: true });
    this.#facts.replaceChildren(...this.#factParts(detail));
    this.#history.replaceChildren(
      h("h3", {}, t("timeline")),
      detail.steps.length ? "" : h("p", { class: "quiet" }, t("noSteps")),
      h("ol", { class: "timeline" }, ...[...detail.steps].reverse().map((one) => this.#step(one))),
    );
  }

  #actionButtons(detail: Detail): HTMLElement[] {
    const { state } = detail;
    const next = nextStates(state);
    const found: HTMLElement[] = [];
    const add = (label: string, action: () => void, key = "", strong = false): void => {
      const attributes = key ? { "aria-keyshortcuts": key } : {};
      found.push(
        button(
          { class: strong ? "button button-strong" : "button", ...attributes },
          action,
          label,
          key ? h("kbd", { "aria-hidden": "true" }, key) : null,
        ),
      );
    };
    const step = (to: string) => () => this.#actions.step(to);
    if (state === "new") add(t("verify"), step("verified"), "v", true);
    if (isOpen(state)) {
      add(
        t(detail.team ? "handOver" : "assign"),
        () => this.#actions.openTask("assign"),
        "a",
        state === "verified",
      );
      if (next.includes("en_route")) add(t("toEnRoute"), step("en_route"));
      if (next.includes("on_site")) add(t("toOnSite"), step("on_site"));
      add(t("merge"), () => this.#actions.openTask("merge"), "m");
      add(t("close"), () => this.#actions.openTask("close"), "c", state === "on_site");
      if (detail.team) add(t("toVerified"), step("verified"));
    }
    if (detail.merged_into) add(t("unmerge"), () => this.#actions.unmerge());
    add(t("showOnMap"), () => this.#actions.showOnMap());
    return found;
  }

  #factParts(detail: Detail): HTMLElement[] {
    const words = this.#words;
    const { report, team } = detail;
    const place = [words.unit(detail.commune_code), words.unit(detail.district_code)];
    const other = (id: string): HTMLElement =>
      button({ class: "link" }, () => this.#actions.choose(id), this.#actions.codeOf(id));
    const facts: [string, Node | string | null][] = [
      [t("reporter"), report?.name ?? null],
      [t("phone"), phone(report?.phone)],
      [t("onBehalf"), report?.on_behalf_of ?? null],
      [t("said"), report?.note ?? null],
      [t("needs"), report?.needs?.join(", ") ?? null],
      [t("peopleLabel"), number(detail.people)],
      [t("injured"), number(detail.injured)],
      [t("children"), number(detail.children)],
      [t("elderly"), number(detail.elderly)],
      [t("place"), place.filter(Boolean).join(", ") || t("placeUnknown")],
      [t("address"), report?.address ?? null],
      [t("accuracy"), detail.accuracy_m === null ? null : distance(detail.accuracy_m)],
      [t("reported"), words.instant(detail.reported_at)],
      [t("team"), team?.name ?? t(hasTeam(detail.state) ? "teamUnknown" : "noTeam")],
      [t("teamPhone"), phone(team?.phone, team?.leader)],
      [t("teamSince"), team ? words.instant(team.since) : null],
      [t("volunteers"), isOpen(detail.state) ? volunteersOf(detail.code) : null],
      [t("mergedInto"), detail.merged_into ? other(detail.merged_into) : null],
      [t("mergedHere"), detail.merged.length ? h("span", {}, ...detail.merged.map(other)) : null],
    ];
    const parts: HTMLElement[] = [
      h("h3", {}, t("facts")),
      h(
        "dl",
        { class: "facts" },
        ...facts.flatMap(([name, value]) =>
          value === null || value === "" ? [] : [h("dt", {}, name), h("dd", {}, value)],
        ),
      ),
    ];
    if (report?.purged_at) parts.push(h("p", { class: "quiet" }, t("purged")));
    if (detail.photos.length)
      parts.push(h("h3", {}, t("photos")), h("div", { class: "photos" }, ...photos(detail)));
    return parts;
  }

  #noteForm(): HTMLElement {
    const text = h("textarea", {
      rows: 2,
      maxlength: 4000,
      required: true,
      "aria-label": t("note"),
    });
    const form = h(
      "form",
      { class: "note" },
      h("h3", {}, t("note")),
      text,
      h("button", { class: "button", type: "submit" }, t("addNote")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#actions.note(text.value).then((done) => {
        if (done) text.value = "";
      });
    });
    return form;
  }

  #rankForm(detail: Detail): HTMLElement {
    const select = h(
      "select",
      {},
      ...Object.keys(this.#words.codes("sos_requests", "priority")).map((code) =>
        h(
          "option",
          { value: code, selected: code === detail.priority },
          this.#words.priority(code),
        ),
      ),
    );
    const reason = h("input", { required: true, maxlength: 4000 });
    const form = h(
      "form",
      { class: "rank" },
      h("label", {}, t("newPriority"), select),
      h("label", {}, t("reason"), reason),
      h("button", { class: "button", type: "submit" }, t("save")),
    );
    const folded = h("details", {}, h("summary", {}, t("setPriority")), form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#actions.priority(select.value, reason.value).then((done) => {
        if (!done) return;
        reason.value = "";
        folded.open = false;
      });
    });
    return folded;
  }

  #step(step: Step): HTMLElement {
    const key = Object.hasOwn(KINDS, step.kind)
      ? KINDS[step.kind as keyof typeof KINDS]
      : "kindOther";
    const name = (value: string | null): string => {
      if (value === null) return "–";
      if (step.kind === "state") return this.#words.state(value);
      return step.kind === "priority" ? this.#words.priority(value) : value;
    };
    const values = { from: name(step.from), to: name(step.to), kind: step.kind };
    return h(
      "li",
      {},
      h("time", { datetime: step.at }, this.#words.instant(step.at)),
      h("span", {}, h("b", {}, step.actor ?? t("public")), ` ${t(key, values)}`),
      step.note ? h("q", {}, step.note) : null,
    );
  }
}

/** Where the photo of a request is. */
export function photoAddress(request: string, photo: string): string {
  return `/api/sos/${request}/photos/${photo}`;
}

function photos(detail: Detail): HTMLElement[] {
  return detail.photos.map(({ id, width, height }, index) => {
    const address = photoAddress(detail.id, id);
    const label = t("photo", { n: index + 1, code: detail.code });
    return h(
      "a",
      { href: address, target: "_blank", rel: "noopener" },
      h("img", { src: address, alt: label, width, height, loading: "lazy" }),
    );
  });
}

function number(value: number | null): string | null {
  return value === null ? null : String(value);
}

function phone(value: string | null | undefined, who?: string | null): HTMLElement | string | null {
  if (!value) return who ?? null;
  const link = h("a", { href: `tel:${value.replace(/[^\d+]/g, "")}` }, value);
  return who ? h("span", {}, `${who} · `, link) : link;
}
