// Parts of the forms of pages for phones.
import { h } from "./dom";
import { language } from "./locale";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/**
 * A control under its label, with its hint and with what is wrong with it beside it; `optional` is
 * what is said of a control that may be left empty.
 */
export function field(
  control: Control,
  label: string,
  more: { hint?: string; fault?: string | undefined; optional?: string | false } = {},
): HTMLElement {
  const { hint, fault, optional } = more;
  const ids = [hint && `${control.id}-hint`, fault && `${control.id}-fault`].filter(Boolean);
  if (ids.length > 0) control.setAttribute("aria-describedby", ids.join(" "));
  if (fault) control.setAttribute("aria-invalid", "true");
  return h(
    "div",
    { class: "field" },
    h(
      "label",
      { for: control.id },
      label,
      optional ? h("span", { class: "optional" }, ` (${optional})`) : null,
    ),
    hint ? h("p", { class: "hint", id: `${control.id}-hint` }, hint) : null,
    control,
    fault ? h("p", { class: "fault", id: `${control.id}-fault` }, fault) : null,
  );
}

/** A time of day with its date, by the clock of the device. */
export function clock(value: number | string): string {
  const instant = new Date(value);
  const locale = language() === "en" ? "en-GB" : "vi-VN";
  const hour = new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(instant);
  const day = new Intl.DateTimeFormat(locale, {
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
  }).format(instant);
  return `${hour}, ${day}`;
}

/** The heading of a step or a request: the keyboard and screen readers go on from it. */
export function heading(text: string, over: string | null = null): HTMLElement {
  return h(
    "div",
    { class: "heading" },
    over && h("p", { class: "step" }, over),
    h("h2", { tabindex: -1, id: "heading" }, text),
  );
}
