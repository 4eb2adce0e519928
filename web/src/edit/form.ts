import type { Feature, LayerConfig, MapConfig } from "../config";
import { button, h } from "../dom";
import type { OperationsMap } from "../map/operations-map";
import type { CardForm } from "../panel/feature-card";
import { ask } from "./ask";
import { conflictView, type Difference, type Draft, differences, merged, SHAPE } from "./conflict";
import { FieldSet } from "./field-set";
import { changesOf, type FormColumn, type FormRecord, fieldsOf, givenOf, rawsOf } from "./fields";
import { Place } from "./place";
import { Refusal, type Server, type Tagged } from "./server";
import { isSame } from "./shapes";
import { tx } from "./texts";
import { rawWords, refusalWords, shapeWords } from "./words";

/** What a form works on. */
export interface FormContext {
  config: MapConfig;
  layer: LayerConfig;
  record: FormRecord;
  server: Server;
  map: OperationsMap | null;
  /** The feature to change; null for a new one. */
  base: Tagged | null;
  /** Where a new feature begins. */
  beginning: GeoJSON.Geometry | null;
  title: string;
  onSaved(saved: Tagged): void;
  /** Given up. */
  onLeft(): void;
}

interface Conflict {
  theirs: Tagged;
  found: Difference[];
}

/** The form of a feature in its card: made from the layer's record alone. */
export class EditForm implements CardForm {
  readonly element: HTMLFormElement;
  readonly #context: FormContext;
  readonly #columns: FormColumn[];
  readonly #zone: string;
  readonly #place: Place;
  readonly #said = h("p", { class: "edit-said", role: "alert", tabindex: -1, hidden: true });
  #base: Tagged | null;
  #before: Draft;
  #now: Draft;
  readonly #set: FieldSet;
  #conflict: Conflict | null = null;
  #saving = false;
  #done = false;
  readonly #newId: string | null;

  constructor(context: FormContext) {
    this.#context = context;
    this.#base = context.base;
    this.#zone = context.config.province.timeZone;
    this.#columns = fieldsOf(context.record, this.#creating);
    this.#before = this.#draftOf(context.base?.feature ?? null);
    this.#now = { ...this.#before, raws: { ...this.#before.raws } };
    if (this.#creating) this.#now.geometry = context.beginning;
    this.#set = new FieldSet(this.#columns, this.#now.raws, this.#creating, () => this.#sayPlace());
    // Where the client makes ids, sending twice creates once.
    const makes = this.#creating && context.record.clientIds && "randomUUID" in crypto;
    this.#newId = makes ? crypto.randomUUID() : null;
    this.#place = new Place(
      context.map,
      context.config.province.bbox,
      this.#now.geometry,
      (geometry) => {
        this.#now.geometry = geometry;
        this.#set.faults.delete(SHAPE);
      },
    );
    this.element = h("form", {
      class: "edit",
      novalidate: true,
      "aria-labelledby": "feature-title",
    });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#save();
    });
    addEventListener("beforeunload", this.#guard);
    this.render();
  }

  get #creating(): boolean {
    return this.#context.base === null;
  }

  get id(): string | null {
    return this.#base ? String(this.#base.feature.id) : null;
  }

  get title(): string {
    return this.#creating ? tx("newTitle") : this.#context.title;
  }

  /** Whether something would be lost if the form went away. */
  get isDirty(): boolean {
    if (this.#done) return false;
    const untouched = Object.keys(changesOf(this.#columns, this.#before.raws, this.#now.raws));
    const start = this.#creating ? this.#context.beginning : this.#before.geometry;
    return untouched.length > 0 || !isSame(start, this.#now.geometry);
  }

  async mayLeave(): Promise<boolean> {
    if (this.#saving) return false;
    return !this.isDirty || (await ask(tx("leaveQuestion"), tx("leaveYes"), tx("leaveDetails")));
  }

  close(): void {
    this.#done = true;
    removeEventListener("beforeunload", this.#guard);
    this.#place.close();
  }

  /** Puts the keyboard on the first field. */
  focus(): void {
    this.#set.focus();
  }

  /** Tells that the feature was changed by someone else while the form was open. */
  changedMeanwhile(): void {
    if (!this.#saving && !this.#conflict) this.#say(tx("changedMeanwhile"), false);
  }

  /** Draws the form in the language in use; what has been typed stays. */
  render(): void {
    if (this.#conflict) {
      this.element.replaceChildren(this.#conflictView(this.#conflict));
      return;
    }
    this.#set.raws = this.#now.raws;
    const fields = this.#set.render();
    this.#place.render();
    this.element.replaceChildren(
      h(
        "div",
        { class: "edit-scroll" },
        this.#said,
        h("p", { class: "hint" }, tx("neededHint")),
        ...fields,
        this.#place.element,
      ),
      h(
        "div",
        { class: "edit-actions" },
        h(
          "button",
          { type: "submit", class: "button button-strong", "aria-disabled": this.#saving || null },
          tx(this.#saving ? "saving" : "save"),
        ),
        button({ class: "button" }, () => void this.#cancel(), tx("cancel")),
      ),
    );
    this.#showFaults();
  }

  readonly #guard = (event: BeforeUnloadEvent): void => {
    if (this.isDirty) event.preventDefault();
  };

  #draftOf(feature: Feature | null): Draft {
    const raws = rawsOf(this.#columns, feature?.properties ?? null, this.#zone);
    if (feature)
      for (const { name, write } of this.#columns)
        if (write === "once") raws[name] = String(feature.id ?? "");
    return { raws, geometry: feature?.geometry ?? null };
  }

  #showFaults(): void {
    this.#set.show();
    this.#sayPlace();
  }

  #sayPlace(): void {
    this.#place.say(this.#set.faults.get(SHAPE) ?? null);
  }

  #say(text: string | null, focus = true): void {
    this.#said.textContent = text ?? "";
    this.#said.hidden = text === null;
    if (text && focus) this.#said.focus();
  }

  async #cancel(): Promise<void> {
    if (await this.mayLeave()) this.#context.onLeft();
  }

  /** Shows what is wrong; the keyboard goes to the first field that is. */
  #refuse(said: string): void {
    this.render();
    this.#say(said, false);
    if (this.#set.focusFault()) return;
    if (this.#set.faults.has(SHAPE)) this.#place.focus();
    else this.#said.focus();
  }

  async #save(): Promise<void> {
    if (this.#saving) return;
    this.#set.raws = this.#now.raws;
    this.#set.check();
    if (!this.#now.geometry) this.#set.faults.set(SHAPE, tx("ruleRequired"));
    if (this.#set.faults.size > 0) {
      this.#refuse(tx("rulesBroken"));
      return;
    }
    this.#saving = true;
    this.#say(null);
    this.render();
    try {
      const saved = await this.#send();
      this.#saving = false;
      this.#done = true;
      this.#context.onSaved(saved);
    } catch (error) {
      this.#saving = false;
      await this.#refused(error);
    }
  }

  async #send(): Promise<Tagged> {
    const { server, layer } = this.#context;
    const { raws, geometry } = this.#now;
    if (!this.#base) {
      const properties = givenOf(this.#columns, raws);
      const id = this.#newId === null ? {} : { id: this.#newId };
      return server.create(layer.items, { type: "Feature", ...id, geometry, properties });
    }
    const properties = changesOf(this.#columns, this.#before.raws, raws);
    const place = isSame(geometry, this.#before.geometry) ? {} : { geometry };
    return server.patch(this.#item, this.#base.tag, { properties, ...place });
  }

  get #item(): string {
    return `${this.#context.layer.items}/${encodeURIComponent(String(this.#base?.feature.id))}`;
  }

  async #refused(error: unknown): Promise<void> {
    const status = error instanceof Refusal ? error.status : 0;
    if (status === 412) {
      await this.#compare();
      return;
    }
    const whole = this.#set.refused(error);
    this.#refuse([refusalWords(error), whole].filter(Boolean).join(" "));
  }

  /** Reads what somebody else has made of the feature meanwhile, and shows both. */
  async #compare(): Promise<void> {
    try {
      const theirs = await this.#context.server.feature(this.#item);
      const found = differences(
        this.#columns,
        this.#before,
        this.#now,
        this.#draftOf(theirs.feature),
      );
      this.#conflict = { theirs, found };
      this.#place.close();
      this.render();
      this.element.querySelector<HTMLElement>("#conflict-title")?.focus();
    } catch (error) {
      this.#refuse(refusalWords(error));
    }
  }

  #conflictView({ theirs, found }: Conflict): HTMLElement {
    const other = this.#draftOf(theirs.feature);
    return conflictView({
      title: tx("conflictTitle"),
      columns: this.#columns,
      found,
      words: (name, side) => {
        const draft = side === "mine" ? this.#now : other;
        const column = this.#columns.find((one) => one.name === name);
        if (!column) return shapeWords(draft.geometry);
        return rawWords(column, draft.raws[name] ?? "");
      },
      onSave: (kept) => {
        this.#now = merged(found, this.#now, other, kept);
        this.#before = other;
        this.#base = theirs;
        this.#conflict = null;
        this.#place.show(this.#now.geometry);
        this.render();
        void this.#save();
      },
      onDiscard: () => {
        this.#done = true;
        this.#context.onSaved(theirs);
      },
    });
  }
}
