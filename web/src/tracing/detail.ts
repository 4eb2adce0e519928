import { button, h } from "../dom";
import { clock, field } from "../form-parts";
import { type Detail, detail, type Trace } from "./api";
import { type Panel, type TracingApp, why } from "./app";
import { back, reachOf, stateOf } from "./list";
import { ResultPart } from "./result";
import { t } from "./text";
import { LOOK } from "./words";

/** A request in full: what is asked, what is to be done with it, what was found, who has looked. */
export class DetailPanel implements Panel {
  readonly element = h("section", { class: "flag-detail trace-detail" });
  readonly #app: TracingApp;
  readonly #result: ResultPart;
  #id = "";
  #trace: Detail | null = null;
  #failed = "";
  #busy = false;
  #note = "";

  constructor(app: TracingApp) {
    this.#app = app;
    this.#result = new ResultPart(app, () => void this.#again());
  }

  async show(id: string): Promise<void> {
    this.#id = id;
    this.#trace = null;
    this.#failed = "";
    this.#note = "";
    this.#draw();
    const trace = await this.#again();
    this.element.querySelector<HTMLElement>("h2")?.focus();
    if (trace?.state !== "searched") return;
    await this.#result.show(trace);
    await this.#again();
  }

  /** Reads the request again: who has looked is told at once. */
  async #again(): Promise<Detail | null> {
    const id = this.#id;
    try {
      const found = await detail(id);
      if (this.#id === id) this.#trace = found;
    } catch (error) {
      if (this.#id === id) this.#failed = why(error);
    }
    if (this.#id === id) this.#draw();
    return this.#id === id ? this.#trace : null;
  }

  render(): void {
    this.#result.render();
    this.#draw();
  }

  #draw(): void {
    const trace = this.#trace;
    if (!trace) {
      const text = this.#failed || t("loading");
      this.element.replaceChildren(back(), h("p", { class: "flag-alone", role: "status" }, text));
      return;
    }
    const focused = document.activeElement?.id;
    this.element.replaceChildren(
      back(),
      h(
        "div",
        { class: "flag-head" },
        h("h2", { tabindex: -1 }, `${trace.code} · ${trace.case_ref}`),
        stateOf(trace),
      ),
      facts(trace),
      ...this.#work(trace),
      ...(this.#failed ? [h("p", { class: "fault", role: "alert" }, this.#failed)] : []),
      ...(trace.state === "searched" ? [this.#result.element] : []),
      looks(trace),
    );
    if (focused) this.element.querySelector<HTMLElement>(`#${CSS.escape(focused)}`)?.focus();
  }

  #work(trace: Detail): HTMLElement[] {
    const parts: HTMLElement[] = [];
    const decided = trace.state !== "asked" && trace.state !== "expired";
    if (!decided && trace.may_decide) parts.push(this.#deciding(trace));
    else if (trace.state === "asked") parts.push(h("p", { class: "flag-note" }, t("waits")));
    else if (trace.state === "expired") parts.push(h("p", { class: "flag-note" }, t("isOver")));
    const { calls } = this.#app;
    const actions: HTMLElement[] = [];
    if (trace.state === "approved")
      actions.push(
        this.#button("button button-strong", t(this.#busy ? "searching" : "search"), () =>
          calls.search(trace.id),
        ),
      );
    if (trace.state !== "refused" && trace.state !== "closed")
      actions.push(this.#button("button", t("close"), () => calls.close(trace.id)));
    return [...parts, h("div", { class: "trace-actions" }, ...actions)];
  }

  #deciding(trace: Trace): HTMLElement {
    const note = h("textarea", { id: "trace-note", rows: 2, maxlength: 1000 });
    note.value = this.#note;
    note.addEventListener("input", () => {
      this.#note = note.value;
    });
    const decide = (approve: boolean) => () =>
      this.#app.calls.decide(trace.id, approve, this.#note.trim() || null);
    return h(
      "div",
      { class: "flag-closing" },
      field(note, t("decision"), { hint: t("decisionHint") }),
      h(
        "div",
        { class: "trace-actions" },
        this.#button("button button-strong", t("approve"), decide(true)),
        this.#button("button", t("refuse"), decide(false)),
      ),
    );
  }

  #button(style: string, text: string, act: () => Promise<Trace>): HTMLElement {
    const made = button({ class: style }, () => void this.#do(act), text);
    made.disabled = this.#busy;
    return made;
  }

  async #do(act: () => Promise<Trace>): Promise<void> {
    this.#busy = true;
    this.#failed = "";
    this.#draw();
    try {
      await act();
    } catch (error) {
      this.#failed = t("failed", { why: why(error) });
    }
    this.#busy = false;
    const failed = this.#failed;
    const trace = await this.#again();
    this.#failed = failed;
    void this.#app.look();
    if (!failed && trace?.state === "searched") await this.#result.show(trace);
    await this.#again();
  }
}

function facts(trace: Trace): HTMLElement {
  const { person, found } = trace;
  const about = person
    ? [person.name, person.birth_year, person.commune].filter(Boolean).join(" · ")
    : t("personHidden");
  const rows: [string, string][] = [
    [t("person"), about],
    [t("reason"), trace.reason],
    [t("period"), `${clock(trace.since)} – ${clock(trace.until)}`],
    [t("reach"), reachOf(trace)],
    [t("askedBy"), `${trace.asked_login}, ${clock(trace.asked_at)}`],
    [
      t("decidedBy"),
      trace.decided_login && trace.decided_at
        ? `${trace.decided_login}, ${clock(trace.decided_at)}`
        : "",
    ],
    [t("decision"), trace.decision ?? ""],
    [t("expires"), trace.expires_at ? clock(trace.expires_at) : ""],
    [t("searchedAt"), trace.searched_at ? clock(trace.searched_at) : ""],
    [
      t("found"),
      found
        ? t("foundOf", {
            first: found.first,
            firstKept: found.first_kept,
            second: found.second,
            secondKept: found.second_kept,
          })
        : "",
    ],
    [
      t("basis"),
      found ? t("basisOf", { dwell: found.dwell_min, day: dayOf(found.check_ins_since) }) : "",
    ],
  ];
  return h(
    "dl",
    {},
    ...rows.flatMap(([name, value]) =>
      value === "" ? [] : [h("dt", {}, name), h("dd", {}, value)],
    ),
  );
}

/** A day as people here write it. */
function dayOf(day: string): string {
  return clock(day).split(", ")[1] ?? day;
}

function looks({ looks: all }: Detail): HTMLElement {
  return h(
    "details",
    { class: "trace-looks" },
    h("summary", {}, t("looks", { n: all.length })),
    h(
      "ol",
      { class: "flag-history" },
      ...all.map((one) =>
        h("li", {}, `${clock(one.at)} · ${one.login} · `, h("b", {}, t(LOOK[one.what]))),
      ),
    ),
  );
}
