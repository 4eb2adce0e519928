import { button, h } from "../dom";
import { ask } from "../edit/ask";
import { Refusal } from "../edit/calls";
import { conflictView, type Draft, differences, merged } from "../edit/conflict";
import { FieldSet } from "../edit/field-set";
import { changesOf, type FormColumn, givenOf, type Raws, rawsOf } from "../edit/fields";
import { tx } from "../edit/texts";
import { rawWords, refusalWords } from "../edit/words";
import type { Meanwhile } from "./meanwhile";
import type { Row } from "./records";
import { sentence } from "./server";
import type { Content } from "./sheet";
import { t } from "./text";

/** What a form is for. */
export interface FormTask {
  title: string;
  columns: FormColumn[];
  /** What is there already; null: something new is filled in. */
  values: Row | null;
  /** The columns that are compared where somebody else has changed what is there. */
  compared?: FormColumn[];
  zone: string;
  /** What the button says. */
  button: string;
  grave?: boolean;
  confirm?: string | null;
  send(values: Row): Promise<void>;
  /** Reads what the row has become meanwhile; null: nothing is to be sent any more. */
  reread?(): Promise<Meanwhile | null>;
  onLeft(): void;
}

/** A form made from the columns of a record, with what is wrong beside each field. */
export function recordForm(task: FormTask): Content {
  const form = new RecordForm(task);
  return { title: task.title, body: form.element, isDirty: () => form.isDirty };
}

class RecordForm {
  readonly element = h("form", {
    class: "edit record-form",
    novalidate: true,
    "aria-labelledby": "sheet-title",
  });
  readonly #task: FormTask;
  readonly #creating: boolean;
  /** The columns that the row is compared by. */
  readonly #columns: FormColumn[];
  readonly #set: FieldSet;
  readonly #said = h("div", { class: "edit-said", role: "alert", tabindex: -1, hidden: true });
  readonly #submit: HTMLButtonElement;
  /** What the changes are made from. */
  #before: Raws;
  #sending = false;
  #comparing = false;
  #done = false;

  constructor(task: FormTask) {
    this.#task = task;
    this.#creating = task.values === null;
    this.#columns = task.compared ?? task.columns;
    this.#before = rawsOf(this.#columns, task.values, task.zone);
    this.#set = new FieldSet(task.columns, { ...this.#before }, this.#creating);
    this.#submit = h(
      "button",
      { type: "submit", class: `button ${task.grave ? "button-danger" : "button-strong"}` },
      task.button,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#comparing) void this.#save();
    });
    this.#draw();
  }

  get isDirty(): boolean {
    return !this.#done && Object.keys(this.#changes).length > 0;
  }

  get #changes(): Row {
    return changesOf(this.#task.columns, this.#before, this.#set.raws);
  }

  #draw(): void {
    this.element.replaceChildren(
      this.#said,
      h("p", { class: "hint" }, tx("neededHint")),
      ...this.#set.render(),
      h(
        "div",
        { class: "edit-actions" },
        this.#submit,
        button({ class: "button" }, () => void this.#leave(), tx("cancel")),
      ),
    );
  }

  #say(...said: (string | Node)[]): void {
    this.#said.replaceChildren(...said);
    this.#said.hidden = said.length === 0;
    this.#set.show();
    if (said.length > 0 && !this.#set.focusFault()) this.#said.focus();
  }

  async #leave(): Promise<void> {
    const dirty = this.isDirty;
    if (dirty && !(await ask(tx("leaveQuestion"), tx("leaveYes"), tx("leaveDetails")))) return;
    this.#left();
  }

  #left(): void {
    this.#done = true;
    this.#task.onLeft();
  }

  async #save(): Promise<void> {
    const { columns, confirm, button: yes, send } = this.#task;
    if (this.#sending) return;
    if (!this.#set.check()) {
      this.#say(tx("rulesBroken"));
      return;
    }
    if (confirm && !(await ask(confirm, yes))) return;
    this.#sending = true;
    this.#submit.setAttribute("aria-disabled", "true");
    this.#say();
    try {
      await send(this.#creating ? givenOf(columns, this.#set.raws) : this.#changes);
      this.#done = true;
    } catch (error) {
      await this.#refused(error);
    } finally {
      this.#sending = false;
      this.#submit.removeAttribute("aria-disabled");
    }
  }

  async #refused(error: unknown): Promise<void> {
    const { reread } = this.#task;
    if (error instanceof Refusal && error.status === 412 && reread) {
      try {
        const now = await reread();
        if (now) this.#overtaken(now);
      } catch (failure) {
        this.#say(refusalWords(failure));
      }
      return;
    }
    const whole = this.#set.refused(error);
    // A rule of the register says by itself what it is.
    const isRule = error instanceof Refusal && error.errors.length === 0 && error.status < 500;
    const words = isRule && error.status >= 403 ? sentence(error) : refusalWords(error);
    this.#say([words, whole].filter(Boolean).join(" "));
  }

  /** Somebody else was quicker: what was typed stays, beside what is stored now. */
  #overtaken(now: Meanwhile): void {
    if (this.#creating) {
      this.#say(t("changedMeanwhile"), now.list);
      return;
    }
    const columns = this.#columns;
    const draft = (raws: Raws): Draft => ({ raws, geometry: null });
    const mine = draft({ ...this.#before, ...this.#set.raws });
    const theirs = draft(rawsOf(columns, now.found.row, this.#task.zone));
    const found = differences(columns, draft(this.#before), mine, theirs);
    const view = conflictView({
      title: t("conflictTitle"),
      columns,
      found,
      words: (name, side) => {
        const column = columns.find((one) => one.name === name);
        return column ? rawWords(column, (side === "mine" ? mine : theirs).raws[name] ?? "") : "";
      },
      by: (name) => now.by.get(name) ?? null,
      onSave: (kept) => {
        this.#comparing = false;
        this.#set.raws = merged(found, mine, theirs, kept).raws;
        this.#before = theirs.raws;
        this.#draw();
        if (this.isDirty) void this.#save();
        else this.#left();
      },
      onDiscard: () => this.#left(),
    });
    this.#comparing = true;
    this.element.replaceChildren(view);
    view.querySelector<HTMLElement>("#conflict-title")?.focus();
  }
}
