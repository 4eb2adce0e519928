import { h } from "../dom";
import { type Panel, type TracingApp, why } from "./app";
import { ContactList } from "./contacts";
import { back } from "./list";
import { t } from "./text";

/** The contacts of the officer's districts that others' requests have found. */
export class HandedPanel implements Panel {
  readonly element = h("section", { class: "flag-detail" });
  readonly #app: TracingApp;
  readonly #list: ContactList;
  #total = 0;
  #failed = "";

  constructor(app: TracingApp) {
    this.#app = app;
    this.#list = new ContactList(app, () => undefined);
  }

  async show(): Promise<void> {
    try {
      const { total, contacts } = await this.#app.calls.handed(null);
      this.#total = total;
      this.#failed = "";
      this.#list.show(contacts);
    } catch (error) {
      this.#failed = why(error);
    }
    this.render();
    this.element.querySelector<HTMLElement>("h2")?.focus();
  }

  render(): void {
    this.element.replaceChildren(
      back(),
      h("h2", { tabindex: -1 }, t("handed", { n: this.#total })),
      h("p", { class: "flag-about" }, t("handedHint")),
      ...(this.#failed ? [h("p", { class: "fault", role: "alert" }, this.#failed)] : []),
      this.#list.element,
    );
  }
}
