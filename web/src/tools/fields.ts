import { h } from "../dom";

/** A labelled choice among some values; `onChoose` gets the value chosen. */
export function choice<Value extends string | number>(
  label: string,
  values: readonly (readonly [Value, string])[],
  chosen: Value,
  onChoose: (value: Value) => void,
): HTMLLabelElement {
  const select = h(
    "select",
    {},
    ...values.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
  );
  select.addEventListener("change", () => {
    const found = values.find(([value]) => String(value) === select.value);
    if (found) onChoose(found[0]);
  });
  return h("label", { class: "tool-field" }, h("span", {}, label), select);
}

/** A labelled box to tick. */
export function tick(
  label: string,
  checked: boolean,
  onTick: (checked: boolean) => void,
): HTMLLabelElement {
  const box = h("input", { type: "checkbox", checked });
  box.addEventListener("change", () => onTick(box.checked));
  return h("label", { class: "tool-tick" }, box, h("span", {}, label));
}
