import { button, DRAWINGS, drawing, h } from "../dom";
import { ask } from "../edit/ask";
import { tx } from "../edit/texts";
import { t } from "./text";

/** What a sheet shows: a row, a form, an import. */
export interface Content {
  title: string;
  body: HTMLElement;
  /** Whether something would be lost if it went away. */
  isDirty?(): boolean;
}

/** The dialog over the list; one at a time. The keyboard goes back where it was. */
export class Sheet {
  readonly #title = h("h2", { id: "sheet-title", tabindex: -1 });
  readonly #body = h("div", { class: "sheet-body" });
  readonly #dialog: HTMLDialogElement;
  readonly #onClosed: () => void;
  #content: Content | null = null;
  #before: Element | null = null;

  constructor(onClosed: () => void) {
    this.#onClosed = onClosed;
    const close = button(
      { class: "button icon-button", "aria-label": t("close") },
      () => void this.close(),
      drawing(DRAWINGS.close),
    );
    this.#dialog = h(
      "dialog",
      { class: "register-sheet", "aria-labelledby": "sheet-title" },
      h("header", { class: "sheet-head" }, this.#title, close),
      this.#body,
    );
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      void this.close();
    });
    this.#dialog.addEventListener("close", () => {
      if (this.#before instanceof HTMLElement && this.#before.isConnected) this.#before.focus();
      this.#content = null;
      this.#onClosed();
    });
    document.body.append(this.#dialog);
  }

  get isOpen(): boolean {
    return this.#dialog.open;
  }

  show(content: Content): void {
    this.#content = content;
    this.#title.textContent = content.title;
    this.#body.replaceChildren(content.body);
    if (!this.#dialog.open) {
      this.#before = document.activeElement;
      this.#dialog.showModal();
    }
    this.#body.scrollTop = 0;
    this.#title.focus();
  }

  /** Closes it, after asking where something would be lost; whether it is closed. */
  async close(): Promise<boolean> {
    const dirty = this.#content?.isDirty?.() ?? false;
    if (dirty && !(await ask(tx("leaveQuestion"), tx("leaveYes"), tx("leaveDetails"))))
      return false;
    if (this.#dialog.open) this.#dialog.close();
    return true;
  }
}
