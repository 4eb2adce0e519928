import { button, h } from "../dom";
import { heading } from "../form-parts";
import type { DeclareApp } from "./app";
import type { Step } from "./draft";
import { t } from "./text";

const NUMBERS: Record<Step, number> = { who: 1, health: 2, places: 3 };
const BACK: Record<Step, Step | "home"> = { who: "home", health: "who", places: "health" };

/** What a group of buttons is called, and what is wrong with it. */
interface Label {
  id: string;
  text: string;
  hint?: string;
  fault?: string | undefined;
  /** The heading above says the same. */
  unseen?: boolean;
}

/** One of some large buttons, of which one is chosen. */
export function choice<T>(
  label: Label,
  options: readonly (readonly [T, string])[],
  chosen: T | null,
  choose: (value: T) => void,
): HTMLElement {
  const buttons = options.map(([value, text]) =>
    button(
      { class: "quick", "aria-pressed": String(value === chosen) },
      () => {
        choose(value);
        mended(buttons[0]);
        options.forEach(([one], at) => {
          buttons[at]?.setAttribute("aria-pressed", String(one === value));
        });
      },
      text,
    ),
  );
  return group(label, "choices", buttons);
}

/** Takes away what was said to be wrong with a group, once something is chosen in it. */
export function mended(inside: HTMLElement | undefined): void {
  inside?.closest("[role=group]")?.querySelector(".fault")?.remove();
}

/** Buttons that belong together, under their label. */
export function group(
  { id, text, fault, hint, unseen }: Label,
  kind: string,
  buttons: readonly HTMLElement[],
): HTMLElement {
  return h(
    "div",
    { class: "field", role: "group", "aria-labelledby": id },
    h("p", { class: unseen ? "unseen" : "group-label", id }, text),
    hint ? h("p", { class: "hint" }, hint) : null,
    h("div", { class: kind }, ...buttons),
    fault ? h("p", { class: "fault" }, fault) : null,
  );
}

/** A step with its heading, and the buttons that lead on and back. */
export function stepForm(
  app: DeclareApp,
  step: Step,
  title: string,
  parts: readonly (HTMLElement | null)[],
): HTMLElement {
  const isLast = step === "places";
  const form = h(
    "form",
    { novalidate: true, "aria-labelledby": "heading", class: "declare-form" },
    heading(title, t("step", { n: NUMBERS[step] })),
    app.staff ? h("p", { class: "caution" }, t("staff", { login: app.staff.login })) : null,
    ...parts,
    h(
      "div",
      { class: "send" },
      h(
        "button",
        { type: "submit", class: isLast ? "send-button" : "button button-strong wide" },
        t(isLast ? "send" : "next"),
      ),
      step === "who" && app.own.all.length === 0
        ? null
        : button({ class: "link-button" }, () => app.go(BACK[step]), t("back")),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    app.proceed(step);
  });
  return form;
}

/** A choice of the communes of the province. */
export function communeSelect(app: DeclareApp, id: string, value: string): HTMLSelectElement {
  const select = h(
    "select",
    { id },
    h("option", { value: "" }, t("communeChoose")),
    ...app.communes.map(({ code, name }) => h("option", { value: code }, name)),
  );
  select.value = value;
  return select;
}

/** The name of a commune; its code while the list is not there. */
export function communeName(app: DeclareApp, code: string): string {
  return app.communes.find((one) => one.code === code)?.name ?? code;
}
