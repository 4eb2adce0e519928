import { button, h } from "../dom";
import { formatNumber } from "../format";
import { onLanguage } from "../locale";
import { fillBarWithHome } from "../menu/bar";
import { type Signed, session } from "../menu/session";
import { RegisterServer } from "../registers/server";
import { type Course, type Levels, loadCourse, loadLevels } from "./data";
import { charts, numbers } from "./figures";
import { Reports } from "./reports";
import { areas, levels } from "./tables";
import { t } from "./text";

const SPANS = [30, 60, 120] as const;
const KEEPERS = ["officer", "admin"];

/** The page: the course of the province or of a unit, the levels, and reports for who makes them. */
export class EpidemicApp {
  readonly #header = h("header", { class: "page-bar staff-bar" });
  readonly #main = h("main", { class: "epi", tabindex: -1 });
  /** What is drawn anew with each answer; beside it the form keeps its place and its focus. */
  readonly #shown = h("div", { class: "epi-shown" });
  #signed: Signed = { signedIn: false, login: "", role: "" };
  #course: Course | null = null;
  #levels: Levels | null = null;
  #reports: Reports | null = null;
  #span: number = 60;
  #unit = "";
  #names = new Map<string, string>();
  #asked = 0;

  async start(): Promise<void> {
    this.#main.append(this.#shown);
    document.body.prepend(this.#header, this.#main);
    this.#head();
    this.#shown.replaceChildren(h("p", { role: "status" }, t("loading")));
    onLanguage(() => {
      this.#render();
      this.#reports?.render();
    });
    addEventListener("hashchange", () => {
      this.#unit = this.#named();
      void this.#load();
    });
    this.#signed = await session().catch(() => this.#signed);
    if (this.#signed.signedIn && KEEPERS.includes(this.#signed.role)) {
      this.#reports = new Reports(new RegisterServer(this.#signed), () => void this.#load());
      this.#main.append(this.#reports.element);
      void this.#reports.load();
    }
    this.#unit = this.#named();
    await this.#load();
  }

  /** The unit of the address; the public has only the province. */
  #named(): string {
    const found = /^#unit=([\w-]{1,16})$/.exec(location.hash);
    return this.#signed.signedIn ? (found?.[1] ?? "") : "";
  }

  async #load(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const [course, levels] = await Promise.all([
        loadCourse(this.#unit, this.#span),
        this.#levels ?? loadLevels(),
      ]);
      if (asked !== this.#asked) return;
      [this.#course, this.#levels] = [course, levels];
      for (const { code, name } of course.areas) this.#names.set(code, name);
      for (const { commune, name } of levels.levels) this.#names.set(commune, name);
      this.#render();
    } catch {
      this.#shown.replaceChildren(
        h("p", { role: "alert" }, t("noAnswer")),
        button({ class: "button" }, () => void this.#load(), t("retry")),
      );
    }
  }

  #head(): void {
    fillBarWithHome(this.#header, t("title"), t("home"));
  }

  #render(): void {
    this.#head();
    const course = this.#course;
    if (!course) return;
    const parts = [
      this.#bar(course),
      numbers(course),
      this.#flags(course),
      ...charts(course, this.#span),
      areas(course, this.#span, this.#signed.signedIn),
      this.#levels && levels(this.#levels, this.#unit),
    ];
    this.#shown.replaceChildren(...parts.filter((part) => part !== null));
  }

  /** What is shown, and of how many days. */
  #bar(course: Course): HTMLElement {
    const name = course.unit === "" ? t("province") : (this.#names.get(course.unit) ?? course.unit);
    return h(
      "div",
      { class: "epi-top" },
      h("h2", {}, name),
      course.unit !== "" && h("a", { href: "#" }, t("back")),
      h(
        "div",
        { class: "epi-spans", role: "group", "aria-label": t("daysShown") },
        ...SPANS.map((span) =>
          button(
            { "aria-pressed": String(span === this.#span) },
            () => {
              this.#span = span;
              void this.#load();
            },
            t("lastDays", { n: span }),
          ),
        ),
      ),
    );
  }

  /** What waits for staff. */
  #flags(course: Course): HTMLElement | null {
    const { late, to_report: waiting } = course;
    if (late === undefined) return null;
    const link = h(
      "a",
      { href: "/registers#samples" },
      t("toReport", { n: formatNumber(waiting ?? 0) }),
    );
    return h(
      "p",
      { class: "epi-flags" },
      h("span", {}, t("late", { n: formatNumber(late) })),
      waiting ? link : null,
    );
  }
}
