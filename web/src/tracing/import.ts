import { button, h } from "../dom";
import { field } from "../form-parts";
import { HttpError } from "../http";
import { pick } from "../locale";
import type { Taken } from "./api";
import { type Panel, type TracingApp, why } from "./app";
import { back } from "./list";
import { t } from "./text";

/** Takes a file of contacts of devices: checked first, then written, all of it or nothing. */
export class ImportPanel implements Panel {
  readonly element = h("section", { class: "flag-detail" });
  readonly #app: TracingApp;
  readonly #file = h("input", { id: "trace-file", type: "file", accept: ".csv,.xlsx" });
  #taken: Taken | null = null;
  #failed = "";

  constructor(app: TracingApp) {
    this.#app = app;
  }

  show(): void {
    this.#file.value = "";
    this.#taken = null;
    this.#failed = "";
    this.render();
    this.element.querySelector<HTMLElement>("h2")?.focus();
  }

  render(): void {
    const taken = this.#taken;
    this.element.replaceChildren(
      back(),
      h("h2", { tabindex: -1 }, t("import")),
      h("p", { class: "flag-about" }, t("importHint")),
      h("div", { class: "trace-form" }, field(this.#file, t("file"))),
      h(
        "div",
        { class: "trace-actions" },
        button({ class: "button" }, () => void this.#take(true), t("check")),
        button({ class: "button button-strong" }, () => void this.#take(false), t("take")),
      ),
      ...(this.#failed ? [h("p", { class: "fault", role: "alert" }, this.#failed)] : []),
      ...(taken
        ? [
            h(
              "p",
              { class: "flag-note", role: "status" },
              t(taken.written ? "taken" : "checked", {
                read: taken.read,
                n: taken.new ?? 0,
                bad: taken.bad,
              }),
            ),
            h(
              "ul",
              { class: "flag-history" },
              ...taken.problems.map((one) =>
                h(
                  "li",
                  {},
                  t("problem", { line: one.line, column: one.column ?? "", rule: pick(one.rule) }),
                ),
              ),
            ),
          ]
        : []),
    );
  }

  async #take(dry: boolean): Promise<void> {
    const file = this.#file.files?.[0];
    this.#taken = null;
    this.#failed = file ? "" : t("noFile");
    if (file)
      try {
        this.#taken = await this.#app.calls.take(file, dry);
      } catch (error) {
        this.#failed = t("failed", { why: why(error) });
        if (error instanceof HttpError && error.status === 422)
          this.#taken = error.problem as unknown as Taken;
      }
    this.render();
  }
}
