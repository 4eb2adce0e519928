import type { Column, Counts } from "../../config";
import { h } from "../../dom";
import { formatNumber } from "../../format";
import { language, pick } from "../../locale";
import type { Condition } from "./conditions";
import { t } from "./text";

/** How many features have each value of a column, as the server counts them. */
export type Facet = Counts["counts"][number];

/** The form of one column. */
export interface Editor {
  readonly element: HTMLElement;
  /** Shows the numbers beside the choices. */
  fill?(facet: Facet): void;
}

type Changed = (condition: Condition | null) => void;
type NameOf = (value: string) => Promise<string>;

/** The form in which a person says what they ask of a column; `nameOf` names its values. */
export function editor(
  column: Column,
  condition: Condition | undefined,
  nameOf: NameOf | null,
  changed: Changed,
): Editor {
  if (column.type === "boolean") return flag(column, condition, changed);
  if (column.codes || nameOf) return choices(column, condition, nameOf, changed);
  if (column.type === "integer" || column.type === "number")
    return numbers(column, condition, changed);
  if (column.format === "date" || column.format === "date-time") return days(condition, changed);
  return words(condition, changed);
}

function number(): HTMLElement {
  return h("span", { class: "choice-count" });
}

function choices(
  column: Column,
  condition: Condition | undefined,
  nameOf: NameOf | null,
  changed: Changed,
): Editor {
  const chosen = new Set(condition?.kind === "codes" ? condition.values : []);
  const list = h("ul", { class: "choices-list" });
  const rows = new Map<string | null, { row: HTMLElement; count: HTMLElement; label: string }>();
  const add = (value: string | null, label: string): void => {
    const box = h("input", { type: "checkbox", checked: chosen.has(value) });
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(value);
      else chosen.delete(value);
      const order = [...rows.keys()];
      const values = [...chosen].sort((a, b) => order.indexOf(a) - order.indexOf(b));
      changed(values.length > 0 ? { kind: "codes", values } : null);
    });
    const count = number();
    const row = h("li", {}, h("label", {}, box, h("span", {}, label), count));
    rows.set(value, { row, count, label });
    if (nameOf === null) list.append(row);
    else insert(list, row, label);
  };
  for (const [code, title] of Object.entries(column.codes ?? {})) add(code, pick(title));
  const named = async (value: string): Promise<void> => {
    const label = nameOf ? await nameOf(value) : value;
    if (!rows.has(value)) add(value, label);
  };
  const known = async (values: readonly unknown[]): Promise<void> => {
    for (const value of values)
      if (value === null) {
        if (!rows.has(null)) add(null, t("missing"));
      } else await named(String(value));
  };
  const ready = known([...chosen]);
  return {
    element: list,
    async fill(facet) {
      await ready;
      await known(facet.values.map(({ value }) => value));
      const counts = new Map(facet.values.map(({ value, count }) => [value, count]));
      for (const [value, { count, row }] of rows) {
        count.textContent = formatNumber(counts.get(value) ?? 0);
        row.classList.toggle("is-none", !counts.has(value));
      }
    },
  };
}

/** Puts a row where its label belongs in the order of the language. */
function insert(list: HTMLElement, row: HTMLElement, label: string): void {
  row.dataset.label = label;
  const after = [...list.children].find(
    (other) => label.localeCompare((other as HTMLElement).dataset.label ?? "", language()) < 0,
  );
  list.insertBefore(row, after ?? null);
}

function flag(column: Column, condition: Condition | undefined, changed: Changed): Editor {
  const current = condition?.kind === "flag" ? condition.value : null;
  const counts = new Map<unknown, HTMLElement>();
  const one = (value: boolean | null, label: string): HTMLElement => {
    const radio = h("input", {
      type: "radio",
      name: `filter-${column.name}`,
      checked: value === current,
    });
    radio.addEventListener("change", () =>
      changed(value === null ? null : { kind: "flag", value }),
    );
    const count = number();
    if (value !== null) counts.set(value, count);
    return h("li", {}, h("label", {}, radio, h("span", {}, label), count));
  };
  return {
    element: h(
      "ul",
      { class: "choices-list" },
      one(null, t("anyValue")),
      one(true, t("yes")),
      one(false, t("no")),
    ),
    fill(facet) {
      for (const [value, count] of counts)
        count.textContent = formatNumber(
          facet.values.find((found) => found.value === value)?.count ?? 0,
        );
    },
  };
}

function range(
  attributes: Record<string, string>,
  from: string,
  to: string,
  changed: (from: HTMLInputElement, to: HTMLInputElement) => void,
): HTMLElement {
  const inputs = [from, to].map((value) => h("input", { ...attributes, value }));
  const [first, last] = inputs;
  if (first && last)
    for (const input of inputs) input.addEventListener("input", () => changed(first, last));
  return h(
    "div",
    { class: "range" },
    h("label", {}, t("from"), first ?? null),
    h("label", {}, t("to"), last ?? null),
  );
}

function numbers(column: Column, condition: Condition | undefined, changed: Changed): Editor {
  const { from, to } = condition?.kind === "numbers" ? condition : { from: null, to: null };
  const step = column.type === "integer" ? "1" : "any";
  const attributes = { type: "number", step, inputmode: "decimal" };
  const value = (input: HTMLInputElement): number | null =>
    Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : null;
  return {
    element: range(attributes, String(from ?? ""), String(to ?? ""), (first, last) => {
      const asked = { from: value(first), to: value(last) };
      changed(asked.from === null && asked.to === null ? null : { kind: "numbers", ...asked });
    }),
  };
}

function days(condition: Condition | undefined, changed: Changed): Editor {
  const { from, to } = condition?.kind === "days" ? condition : { from: null, to: null };
  return {
    element: range({ type: "date", max: "9999-12-30" }, from ?? "", to ?? "", (first, last) => {
      const asked = { from: first.value || null, to: last.value || null };
      changed(asked.from === null && asked.to === null ? null : { kind: "days", ...asked });
    }),
  };
}

function words(condition: Condition | undefined, changed: Changed): Editor {
  const input = h("input", {
    type: "text",
    maxlength: 100,
    value: condition?.kind === "words" ? condition.letters : "",
    placeholder: t("containsHint"),
    autocomplete: "off",
  });
  input.addEventListener("input", () => {
    const letters = input.value;
    changed(letters.trim() === "" ? null : { kind: "words", letters });
  });
  return { element: h("label", { class: "words" }, t("contains"), input) };
}
