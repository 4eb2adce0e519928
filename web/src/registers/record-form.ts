import { button, h } from "../dom";
import { ask } from "../edit/ask";
import { Refusal } from "../edit/calls";
import { FieldSet } from "../edit/field-set";
import { changesOf, type FormColumn, givenOf, type Raws, rawsOf } from "../edit/fields";
import { tx } from "../edit/texts";
import { refusalWords } from "../edit/words";
import type { Row } from "./records";
import { sentence } from "./server";
import type { Content } from "./sheet";

/** What a form is for. */
export interface FormTask {
  title: string;
  columns: FormColumn[];
  /** What is there already; null: something new is filled in. */
  values: Row | null;
  zone: string;
  /** What the button says. */
  button: string;
  grave?: boolean;
  confirm?: string | null;
  send(values: Row): Promise<void>;
  /** The row has changed meanwhile. */
  onStale(): void;
  onLeft(): void;
}

/** A form made from the columns of a record, with what is wrong beside each field. */
export function recordForm(task: FormTask): Content {
  const creating = task.values === null;
  const before: Raws = rawsOf(task.columns, task.values, task.zone);
  const set = new FieldSet(task.columns, { ...before }, creating);
  const said = h("p", { class: "edit-said", role: "alert", tabindex: -1, hidden: true });
  const submit = h(
    "button",
    { type: "submit", class: `button ${task.grave ? "button-danger" : "button-strong"}` },
    task.button,
  );
  let sending = false;
  let done = false;

  function say(text: string): void {
    said.textContent = text;
    said.hidden = text === "";
    set.show();
    if (text && !set.focusFault()) said.focus();
  }

  async function save(): Promise<void> {
    if (sending) return;
    if (!set.check()) {
      say(tx("rulesBroken"));
      return;
    }
    if (task.confirm && !(await ask(task.confirm, task.button))) return;
    sending = true;
    submit.setAttribute("aria-disabled", "true");
    say("");
    try {
      await task.send(
        creating ? givenOf(task.columns, set.raws) : changesOf(task.columns, before, set.raws),
      );
      done = true;
    } catch (error) {
      refused(error);
    } finally {
      sending = false;
      submit.removeAttribute("aria-disabled");
    }
  }

  function refused(error: unknown): void {
    if (error instanceof Refusal && error.status === 412) {
      task.onStale();
      return;
    }
    const whole = set.refused(error);
    // A rule of the register says by itself what it is.
    const isRule = error instanceof Refusal && error.errors.length === 0 && error.status < 500;
    const words = isRule && error.status >= 403 ? sentence(error) : refusalWords(error);
    say([words, whole].filter(Boolean).join(" "));
  }

  const form = h(
    "form",
    { class: "edit record-form", novalidate: true, "aria-labelledby": "sheet-title" },
    said,
    h("p", { class: "hint" }, tx("neededHint")),
    ...set.render(),
    h(
      "div",
      { class: "edit-actions" },
      submit,
      button({ class: "button" }, () => void leave(), tx("cancel")),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void save();
  });

  const isDirty = (): boolean =>
    !done && Object.keys(changesOf(task.columns, before, set.raws)).length > 0;

  async function leave(): Promise<void> {
    if (isDirty() && !(await ask(tx("leaveQuestion"), tx("leaveYes"), tx("leaveDetails")))) return;
    done = true;
    task.onLeft();
  }
  return { title: task.title, body: form, isDirty };
}
