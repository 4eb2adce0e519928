import { type FormColumn, faultOf, type Raws } from "./fields";
import { Field } from "./inputs";
import { columnFaults, faultWords } from "./words";

/** The fields of a form, what they hold, and what is wrong with each. */
export class FieldSet {
  readonly columns: FormColumn[];
  /** What is wrong, by column; the form may add what is wrong with other parts of it. */
  readonly faults = new Map<string, string>();
  raws: Raws;
  readonly #creating: boolean;
  readonly #onFaults: () => void;
  #fields: Field[] = [];

  /**
   * @param raws what the controls hold at first.
   * @param onFaults called after somebody has typed, for what else is wrong.
   */
  constructor(
    columns: FormColumn[],
    raws: Raws,
    creating: boolean,
    onFaults: () => void = () => {},
  ) {
    this.columns = columns;
    this.raws = raws;
    this.#creating = creating;
    this.#onFaults = onFaults;
  }

  /** Makes the controls anew, in the language in use; what has been typed stays. */
  render(): HTMLElement[] {
    this.#fields = this.columns.map(
      (column) =>
        new Field(column, this.raws[column.name] ?? "", this.#creating, (raw, left) =>
          this.#typed(column, raw, left),
        ),
    );
    return this.#fields.map(({ element }) => element);
  }

  /** Puts the keyboard on the first field. */
  focus(): void {
    this.#fields[0]?.focus();
  }

  /** Puts the keyboard on the first field that is at fault; whether there is one. */
  focusFault(): boolean {
    const first = this.#fields.find(({ name }) => this.faults.has(name));
    first?.focus();
    return first !== undefined;
  }

  /** Finds what is wrong with what the controls hold; whether nothing is. */
  check(): boolean {
    this.faults.clear();
    for (const column of this.columns) {
      const fault = faultOf(column, this.raws[column.name] ?? "", this.#creating);
      if (fault) this.faults.set(column.name, faultWords(fault));
    }
    return this.faults.size === 0;
  }

  /** Takes up what the server found wrong; what it says of the whole. */
  refused(error: unknown): string {
    for (const [column, said] of columnFaults(error)) this.faults.set(column, said);
    return this.faults.get("") ?? "";
  }

  show(): void {
    for (const field of this.#fields) field.say(this.faults.get(field.name) ?? null);
  }

  #typed(column: FormColumn, raw: string, left: boolean): void {
    this.raws[column.name] = raw;
    const fault = faultOf(column, raw, this.#creating);
    // While somebody still types, a fault only goes; it comes once they are done.
    if (fault && left) this.faults.set(column.name, faultWords(fault));
    else if (!fault) this.faults.delete(column.name);
    this.show();
    this.#onFaults();
  }
}
