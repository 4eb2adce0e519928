import { button, h } from "../dom";
import type { FormColumn } from "../edit/fields";
import { pick } from "../locale";
import type { Unit } from "./data";
import { t } from "./text";

/** Chooses administrative units by their names; what it holds is their codes, by commas. */
export class UnitPicker {
  readonly element: HTMLElement;
  readonly #units: Unit[];
  readonly #onChange: (raw: string) => void;
  readonly #chosen: HTMLElement = h("ul", { class: "chosen-units" });
  readonly #select = h("select", { id: "edit-unit_codes" });
  #codes: string[];

  constructor(column: FormColumn, units: Unit[], raw: string, onChange: (raw: string) => void) {
    this.#units = units;
    this.#onChange = onChange;
    this.#codes = raw.split(",").filter(Boolean);
    this.#select.append(h("option", { value: "" }, t("chooseUnit")));
    for (const level of ["district", "commune"] as const)
      this.#select.append(
        h(
          "optgroup",
          { label: t(level === "district" ? "districts" : "communes") },
          ...units
            .filter((unit) => unit.level === level)
            .map(({ code, name }) => h("option", { value: code }, name)),
        ),
      );
    this.#select.setAttribute("aria-describedby", "units-hint");
    this.element = h(
      "div",
      { class: "field" },
      h("label", { for: "edit-unit_codes" }, pick(column.title)),
      h(
        "div",
        { class: "with-unit" },
        this.#select,
        button({ class: "button" }, () => this.#add(), t("addUnit")),
      ),
      this.#chosen,
      h("p", { class: "hint", id: "units-hint" }, t("drawHint")),
    );
    this.#render();
  }

  #add(): void {
    const code = this.#select.value;
    if (!code || this.#codes.includes(code)) return;
    this.#become([...this.#codes, code]);
    this.#select.value = "";
    this.#select.focus();
  }

  #become(codes: string[]): void {
    this.#codes = codes;
    this.#onChange(codes.join(","));
    this.#render();
  }

  #render(): void {
    const names = new Map(this.#units.map(({ code, name }) => [code, name]));
    this.#chosen.replaceChildren(
      ...(this.#codes.length === 0 ? [h("li", { class: "hint" }, t("wholeProvince"))] : []),
      ...this.#codes.map((code) => {
        const name = names.get(code) ?? code;
        return h(
          "li",
          {},
          name,
          button(
            { class: "button", "aria-label": t("removeUnit", { name }) },
            () => {
              this.#become(this.#codes.filter((one) => one !== code));
              this.#select.focus();
            },
            "×",
          ),
        );
      }),
    );
  }
}
