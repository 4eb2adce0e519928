import { button, h } from "../dom";
import { ask } from "../edit/ask";
import {
  changesOf,
  type FormColumn,
  faultOf,
  fieldsOf,
  givenOf,
  type Raws,
  rawsOf,
} from "../edit/fields";
import { Field } from "../edit/inputs";
import { Refusal, type Server, type Tagged } from "../edit/server";
import { tx } from "../edit/texts";
import { columnFaults, faultWords, refusalWords } from "../edit/words";
import type { Choices, Whole } from "./data";
import { t } from "./text";
import { UnitPicker } from "./units";

export const LAYER = "directives";
/** The column of the units, which a picker of names stands for. */
const UNITS = "unit_codes";

export interface FormEvents {
  saved(id: number): void;
  left(): void;
}

/** The form of a directive: made from the layer's record, but for the units it applies to. */
export class DirectiveForm {
  readonly element: HTMLFormElement;
  readonly id: number | null;
  readonly #server: Server;
  readonly #one: Whole | null;
  readonly #offered: Choices;
  readonly #events: FormEvents;
  readonly #said = h("p", { class: "edit-said", role: "alert", tabindex: -1, hidden: true });
  #columns: FormColumn[] = [];
  #base: Tagged | null = null;
  #before: Raws = {};
  #now: Raws = {};
  #fields: Field[] = [];
  #faults = new Map<string, string>();
  #saving = false;
  #ready = false;

  constructor(server: Server, one: Whole | null, offered: Choices, events: FormEvents) {
    this.#server = server;
    this.#one = one;
    this.#offered = offered;
    this.#events = events;
    this.id = one?.id ?? null;
    this.element = h("form", {
      class: "edit directive-form",
      novalidate: true,
      "aria-labelledby": "form-title",
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#save();
    });
    addEventListener("beforeunload", this.#guard);
    void this.#begin();
  }

  get #item(): string {
    return `/ogc/collections/${LAYER}/items/${this.id}`;
  }

  get #isDirty(): boolean {
    return Object.keys(changesOf(this.#columns, this.#before, this.#now)).length > 0;
  }

  readonly #guard = (event: BeforeUnloadEvent): void => {
    if (this.element.isConnected && this.#isDirty) event.preventDefault();
  };

  async #begin(): Promise<void> {
    try {
      const record = await this.#server.form(LAYER);
      this.#base = this.id === null ? null : await this.#server.feature(this.#item);
      this.#columns = fieldsOf(record, this.id === null);
      const values = this.#base?.feature.properties ?? null;
      this.#before = rawsOf(this.#columns, values, this.#offered.timeZone);
      this.#now = { ...this.#before };
      this.#ready = true;
      this.render();
      this.element.querySelector<HTMLElement>("h2")?.focus();
    } catch (error) {
      this.element.replaceChildren(this.#said);
      this.#say(refusalWords(error));
    }
  }

  /** Draws the form in the language in use; what has been typed stays. */
  render(): void {
    if (!this.#ready) {
      this.element.replaceChildren(h("p", { class: "quiet", role: "status" }, t("loading")));
      return;
    }
    this.#fields = [];
    const parts = this.#columns.map((column) => {
      if (column.name === UNITS) return this.#units(column);
      const field = new Field(column, this.#now[column.name] ?? "", this.id === null, (raw, left) =>
        this.#typed(column, raw, left),
      );
      this.#fields.push(field);
      return field.element;
    });
    const title = this.#one ? t("editTitle", { number: this.#one.number }) : t("newTitle");
    this.element.replaceChildren(
      h("h2", { id: "form-title", tabindex: -1 }, title),
      this.#said,
      h("p", { class: "hint" }, tx("neededHint")),
      ...parts,
      h(
        "div",
        { class: "edit-actions" },
        h(
          "button",
          { type: "submit", class: "button button-strong", "aria-disabled": this.#saving || null },
          t(this.#saving ? "saving" : "save"),
        ),
        button({ class: "button" }, () => void this.#leave(), t("cancel")),
      ),
    );
    this.#showFaults();
  }

  #units(column: FormColumn): HTMLElement {
    return new UnitPicker(column, this.#offered.units, this.#now[UNITS] ?? "", (raw) => {
      this.#now[UNITS] = raw;
      this.#faults.delete(UNITS);
    }).element;
  }

  #typed(column: FormColumn, raw: string, left: boolean): void {
    this.#now[column.name] = raw;
    // A document mostly comes into force on the day it is issued.
    if (column.name === "issued_on" && raw && !this.#now.valid_from) {
      this.#now.valid_from = `${raw}T00:00`;
      const begins = this.element.querySelector<HTMLInputElement>("#edit-valid_from");
      if (begins) begins.value = this.#now.valid_from;
    }
    const fault = faultOf(column, raw, this.id === null);
    if (fault && left) this.#faults.set(column.name, faultWords(fault));
    else if (!fault) this.#faults.delete(column.name);
    this.#showFaults();
  }

  #showFaults(): void {
    for (const field of this.#fields) field.say(this.#faults.get(field.name) ?? null);
  }

  #say(text: string | null): void {
    this.#said.textContent = text ?? "";
    this.#said.hidden = text === null;
  }

  async #leave(): Promise<void> {
    if (this.#saving) return;
    if (this.#isDirty && !(await ask(tx("leaveQuestion"), tx("leaveYes"), tx("leaveDetails"))))
      return;
    removeEventListener("beforeunload", this.#guard);
    this.#events.left();
  }

  async #save(): Promise<void> {
    if (this.#saving) return;
    this.#faults.clear();
    for (const column of this.#columns) {
      const fault = faultOf(column, this.#now[column.name] ?? "", this.id === null);
      if (fault) this.#faults.set(column.name, faultWords(fault));
    }
    if (this.#faults.size > 0) {
      this.#refuse(tx("rulesBroken"));
      return;
    }
    this.#saving = true;
    this.#say(null);
    this.render();
    try {
      const saved = await this.#send();
      removeEventListener("beforeunload", this.#guard);
      this.#events.saved(Number(saved.feature.id));
    } catch (error) {
      this.#saving = false;
      for (const [column, said] of columnFaults(error)) this.#faults.set(column, said);
      this.#refuse(this.#words(error));
    }
  }

  /** What a refusal means; a rule kept in the database says it in both languages. */
  #words(error: unknown): string {
    if (error instanceof Refusal && error.status === 412) return tx("changedMeanwhile");
    const plain = error instanceof Refusal && error.status === 422 && error.errors.length === 0;
    return plain ? (error as Refusal).message : refusalWords(error);
  }

  #refuse(said: string): void {
    this.render();
    this.#say(said);
    const first = this.#fields.find(({ name }) => this.#faults.has(name));
    if (first) first.focus();
    else this.#said.focus();
  }

  #send(): Promise<Tagged> {
    if (!this.#base) {
      const properties = givenOf(this.#columns, this.#now);
      const feature = { type: "Feature", geometry: null, properties };
      return this.#server.create(`/ogc/collections/${LAYER}/items`, feature);
    }
    const properties = changesOf(this.#columns, this.#before, this.#now);
    return this.#server.patch(this.#item, this.#base.tag, { properties });
  }
}
