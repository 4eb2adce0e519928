import { button, h } from "../dom";
import { t } from "./text";

const LONGEST = 600;
const LONGEST_NAME = 120;

/** The field for a number or a code; a USB reader types into it as well. */
export function codeForm(read: (text: string) => void): HTMLElement {
  const input = h("input", {
    id: "code",
    type: "text",
    autocomplete: "off",
    maxlength: LONGEST,
    "data-key": "code",
  });
  return form(input, t("typeCode"), t("read"), (text) => {
    input.value = "";
    read(text);
  });
}

/** The field for the name of who has a number. */
export function nameForm(
  number: string,
  save: (name: string) => void,
  cancel: () => void,
): HTMLElement {
  const input = h("input", {
    id: "name",
    type: "text",
    autocomplete: "off",
    maxlength: LONGEST_NAME,
    "data-key": "name",
  });
  const made = form(input, t("typeName", { number }), t("saveName"), save);
  made.append(button({ class: "button" }, cancel, t("cancelName")));
  return made;
}

function form(
  input: HTMLInputElement,
  label: string,
  action: string,
  done: (text: string) => void,
): HTMLElement {
  const made = h(
    "form",
    { class: "typed", novalidate: true },
    h("div", { class: "field" }, h("label", { for: input.id }, label), input),
    h("button", { type: "submit", class: "button button-strong" }, action),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text) done(text);
    else input.focus();
  });
  return made;
}
