import { h } from "../dom";
import { field } from "../form-parts";
import { pick } from "../locale";
import type { Control, Draft, Option } from "./forms";
import { t } from "./text";

/** The options of the server's, by the name of their list. */
export type Lists = Record<string, readonly Option[]>;

/** A control of a form under its label, which keeps what is typed in the draft. */
export function controlOf(control: Control, draft: Draft, lists: Lists): HTMLElement {
  if (control.type === "checks") return checks(control, draft, lists);
  if (control.type === "check") return check(control, draft);
  const { name, label, type, length = 20 } = control;
  const shared = { id: name, name, ...(control.needed ? { "aria-required": "true" } : {}) };
  const element =
    type === "select"
      ? h(
          "select",
          shared,
          h("option", { value: "" }, t("choose")),
          ...options(control, lists).map(([value, text]) => h("option", { value }, text)),
        )
      : type === "note"
        ? h("textarea", { ...shared, rows: 3, maxlength: length })
        : h("input", {
            ...shared,
            type: type === "date" ? "date" : "text",
            inputmode: type === "number" ? "numeric" : null,
            maxlength: type === "number" ? 6 : length,
            autocomplete: "off",
          });
  element.value = draft.values[name] ?? "";
  element.addEventListener("input", () => {
    draft.values[name] = element.value;
  });
  return field(element, t(label), {
    fault: draft.faults.get(name),
    optional: !control.needed && t("optional"),
  });
}

function options({ options = [] }: Control, lists: Lists): [string, string][] {
  return typeof options === "string"
    ? (lists[options] ?? []).map((one) => [one.value, pick(one)])
    : options.map(([value, text]) => [value, t(text)]);
}

function checks(control: Control, draft: Draft, lists: Lists): HTMLElement {
  const { name, label } = control;
  const fault = draft.faults.get(name);
  const boxes = options(control, lists).map(([value, text]) => {
    const now = draft.checked[name] ?? [];
    const box = h("input", { type: "checkbox", name, value, checked: now.includes(value) });
    box.addEventListener("change", () => {
      const others = (draft.checked[name] ?? []).filter((one) => one !== value);
      draft.checked[name] = box.checked ? [...others, value] : others;
    });
    return h("label", { class: "hotline-check" }, box, h("span", {}, text));
  });
  return h(
    "fieldset",
    { class: "field wide", id: name, tabindex: -1, "aria-invalid": fault ? "true" : null },
    h(
      "legend",
      {},
      t(label),
      control.needed ? null : h("span", { class: "optional" }, ` (${t("optional")})`),
    ),
    h("div", { class: "hotline-checks" }, ...boxes),
    fault ? h("p", { class: "fault" }, fault) : null,
  );
}

function check({ name, label }: Control, draft: Draft): HTMLElement {
  const fault = draft.faults.get(name);
  const box = h("input", {
    type: "checkbox",
    id: name,
    checked: draft.values[name] === "yes",
    "aria-invalid": fault ? "true" : null,
    "aria-describedby": fault ? `${name}-fault` : null,
  });
  box.addEventListener("change", () => {
    draft.values[name] = box.checked ? "yes" : "";
  });
  return h(
    "div",
    { class: "field wide" },
    h("label", { class: "hotline-check" }, box, h("span", {}, t(label))),
    fault ? h("p", { class: "fault", id: `${name}-fault` }, fault) : null,
  );
}
