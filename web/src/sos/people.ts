import { button, DRAWINGS, drawing, h } from "../dom";
import type { SosApp } from "./app";
import { checkPeople, MOST_PEOPLE, wholeNumber } from "./draft";
import { field, heading } from "./parts";
import { categorySymbol } from "./symbols";
import { t } from "./text";
import { categoryTitle } from "./what";

const QUICK = [1, 2, 3, 4, 5, 10, 20, 50];

/** The third step: how many people, and the button that sends. */
export function peopleStep(app: SosApp): HTMLElement {
  const { draft } = app;
  const people = h("input", {
    id: "people",
    type: "text",
    inputmode: "numeric",
    autocomplete: "off",
    value: draft.people,
    maxlength: 6,
  });
  const phone = h("input", {
    id: "phone",
    type: "tel",
    autocomplete: "tel",
    value: draft.phone,
    maxlength: 40,
  });
  const quick = QUICK.map((n) => button({ class: "quick" }, () => set(n), String(n)));

  function set(value: number): void {
    people.value = String(Math.min(MOST_PEOPLE, Math.max(1, value)));
    write();
  }
  function write(): void {
    draft.people = people.value;
    draft.phone = phone.value;
    quick.forEach((one, at) => {
      one.setAttribute("aria-pressed", String(Number(people.value) === QUICK[at]));
    });
  }
  const step = (by: number): void => set((wholeNumber(people.value, 0, MOST_PEOPLE) ?? 1) + by);
  people.addEventListener("input", write);
  phone.addEventListener("input", write);
  write();

  const form = h(
    "form",
    { novalidate: true, "aria-labelledby": "heading" },
    heading(t("howMany"), t("step", { n: 3 })),
    app.placeNow(),
    h(
      "p",
      { class: "place-now" },
      categorySymbol(draft.category ?? ""),
      h("span", {}, categoryTitle(app, draft.category)),
      button({ class: "link-button" }, () => app.go("what"), t("change")),
    ),
    h(
      "div",
      { class: "counter" },
      button({ class: "counter-button", "aria-label": t("fewer") }, () => step(-1), minus()),
      field(people, t("people"), { fault: draft.faults.get("people") }),
      button({ class: "counter-button", "aria-label": t("more") }, () => step(1), plus()),
    ),
    h("div", { class: "quicks", role: "group", "aria-label": t("quick") }, ...quick),
    field(phone, t("phone"), { fault: draft.faults.get("phone"), optional: true }),
    h(
      "div",
      { class: "send" },
      h("button", { type: "submit", class: "send-button" }, t("send")),
      h("p", { class: "hint" }, t("sendHint")),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    write();
    checkPeople(draft);
    if (draft.faults.has("people") || draft.faults.has("phone")) app.go("people");
    else void app.submit();
  });
  return form;
}

const minus = (): SVGSVGElement => drawing(DRAWINGS.minus);
const plus = (): SVGSVGElement => drawing(DRAWINGS.plus);
