import { h } from "../dom";
import { formatNumber, formatUnit, YEAR } from "../format";
import { pick } from "../locale";
import { type FormColumn, isRequired, kindOf } from "./fields";
import { tx } from "./texts";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
/** Bounds beyond these are those of the column's type, which nobody needs to be told. */
const PLAIN = 2 ** 31 - 1;
const ROWS = 4;

/** A field of a form: label, control, hint, and what is wrong with it. */
export class Field {
  readonly element: HTMLElement;
  readonly name: string;
  readonly #control: Control;
  readonly #fault: HTMLElement;

  /**
   * @param raw what the control holds.
   * @param onChange called with what it holds now; `left` once the person is done with it.
   */
  constructor(
    column: FormColumn,
    raw: string,
    creating: boolean,
    onChange: (raw: string, left: boolean) => void,
  ) {
    this.name = column.name;
    const id = `edit-${column.name}`;
    const required = isRequired(column, creating);
    const hint = hintOf(column);
    this.#control = control(column, raw, required);
    this.#control.id = id;
    this.#fault = h("p", { class: "fault", id: `${id}-fault`, hidden: true });
    this.#control.setAttribute("aria-describedby", `${hint ? `${id}-hint ` : ""}${id}-fault`);
    if (required) this.#control.setAttribute("aria-required", "true");
    this.#control.addEventListener("input", () => onChange(this.raw, false));
    this.#control.addEventListener("change", () => onChange(this.raw, true));
    this.element = h(
      "div",
      { class: `field field-${kindOf(column)}`, "data-column": column.name },
      h(
        "label",
        { for: id },
        pick(column.title),
        required && h("span", { class: "needed", "aria-hidden": "true" }, " *"),
      ),
      column.unit && column.unit !== YEAR
        ? h(
            "div",
            { class: "with-unit" },
            this.#control,
            h("span", { class: "unit" }, formatUnit(column.unit).trim()),
          )
        : this.#control,
      hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
      this.#fault,
    );
  }

  /** What the control holds. What is no number at all stays what it is: no number. */
  get raw(): string {
    const control = this.#control;
    if (control instanceof HTMLInputElement && control.type === "checkbox")
      return String(control.checked);
    if (control instanceof HTMLInputElement && control.validity.badInput) return "?";
    return control.value;
  }

  /** Says what is wrong; with null, that nothing is. */
  say(fault: string | null): void {
    this.#fault.textContent = fault ?? "";
    this.#fault.hidden = fault === null;
    if (fault === null) this.#control.removeAttribute("aria-invalid");
    else this.#control.setAttribute("aria-invalid", "true");
  }

  focus(): void {
    this.#control.focus();
  }
}

function control(column: FormColumn, raw: string, required: boolean): Control {
  switch (kindOf(column)) {
    case "code":
      return select(
        raw,
        Object.entries(column.codes ?? {}).map(([code, title]) => [code, pick(title)]),
        required,
      );
    case "flag":
      if (!column.nullable) {
        const box = h("input", { type: "checkbox" });
        box.checked = raw === "true";
        return box;
      }
      return select(
        raw,
        [
          ["true", tx("yes")],
          ["false", tx("no")],
        ],
        required,
      );
    case "integer":
    case "number":
      return h("input", {
        type: "number",
        value: raw,
        step: column.type === "integer" ? 1 : "any",
        min: column.minimum,
        max: column.maximum,
        inputmode: column.type === "integer" && (column.minimum ?? -1) >= 0 ? "numeric" : "decimal",
      });
    case "date":
      return h("input", { type: "date", value: raw });
    case "moment":
      return h("input", { type: "datetime-local", value: raw });
    case "long": {
      const area = h("textarea", { rows: ROWS });
      area.value = raw;
      return area;
    }
    default:
      return h("input", { type: "text", value: raw, autocomplete: "off" });
  }
}

function select(raw: string, options: [string, string][], required: boolean): HTMLSelectElement {
  const element = h("select");
  // Empty can be chosen where it may be; where it may not, only until something has been.
  if (!required || raw === "") options.unshift(["", required ? tx("choose") : tx("nothing")]);
  for (const [value, title] of options) element.append(h("option", { value }, title));
  element.value = raw;
  return element;
}

function hintOf(column: FormColumn): string {
  const said: string[] = column.description ? [pick(column.description)] : [];
  const { minimum: low, maximum: high, maxLength } = column;
  if (column.unit === YEAR) return said.join(". ");
  const bounded = high !== null && high < PLAIN;
  if (low !== null && low > -PLAIN)
    said.push(
      bounded
        ? tx("between", { low: formatNumber(low), high: formatNumber(high) })
        : tx("from", { low: formatNumber(low) }),
    );
  else if (bounded) said.push(tx("upTo", { high: formatNumber(high) }));
  if (kindOf(column) === "long" && maxLength) said.push(tx("most", { n: formatNumber(maxLength) }));
  return said.join(". ");
}
