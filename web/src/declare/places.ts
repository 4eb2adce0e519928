import { button, DRAWINGS, drawing, h } from "../dom";
import { field } from "../form-parts";
import type { DeclareApp } from "./app";
import { communeName, communeSelect, stepForm } from "./parts";
import { t } from "./text";

const LONGEST = 80;

/** The third step: where the person has been, consent, and the button that sends. */
export function placesStep(app: DeclareApp): HTMLElement {
  const { draft, form } = app;
  const chosen = h("ul", { class: "chips", "aria-label": t("placesChosen") });
  const said = h("p", { class: "hint", role: "status" });
  const commune = communeSelect(app, "places", "");
  const outside = form.outside ?? [];
  const elsewhere = h("input", {
    id: "elsewhere",
    type: "text",
    maxlength: LONGEST,
    list: outside.length > 0 ? "outside" : null,
  });

  function show(): void {
    const chip = (name: string, list: string[], value: string): HTMLElement =>
      h(
        "li",
        {},
        h("span", {}, name),
        button(
          { class: "chip-remove", "aria-label": t("remove", { name }) },
          () => {
            list.splice(list.indexOf(value), 1);
            show();
          },
          drawing(DRAWINGS.close),
        ),
      );
    chosen.replaceChildren(
      ...draft.places.map((code) => chip(communeName(app, code), draft.places, code)),
      ...draft.elsewhere.map((name) => chip(name, draft.elsewhere, name)),
    );
    chosen.hidden = draft.places.length + draft.elsewhere.length === 0;
  }
  function add(list: string[], value: string, most: number): boolean {
    if (value === "") return false;
    if (list.length >= most && !list.includes(value)) {
      said.textContent = t("placesFull", { most });
      return false;
    }
    if (!list.includes(value)) list.push(value);
    said.textContent = "";
    show();
    return true;
  }
  commune.addEventListener("change", () => {
    add(draft.places, commune.value, form.places);
    commune.value = "";
  });
  const addElsewhere = (): void => {
    if (add(draft.elsewhere, elsewhere.value.trim(), form.elsewhere)) elsewhere.value = "";
  };
  elsewhere.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || elsewhere.value.trim() === "") return;
    event.preventDefault();
    addElsewhere();
  });
  // What was typed and not added counts too.
  elsewhere.addEventListener("change", addElsewhere);
  show();

  const consent = h("input", { id: "consent", type: "checkbox", checked: draft.consent });
  consent.addEventListener("change", () => {
    draft.consent = consent.checked;
  });
  const fault = draft.faults.get("consent");
  if (fault) consent.setAttribute("aria-invalid", "true");
  return stepForm(app, "places", t("placesTitle"), [
    h("p", { class: "hint" }, t("placesHint")),
    app.communes.length === 0
      ? h("p", { class: "caution", role: "status" }, t("communesAway"))
      : field(commune, t("place"), { fault: draft.faults.get("places") }),
    h(
      "div",
      { class: "with-button" },
      field(elsewhere, t("elsewhere"), {
        fault: draft.faults.get("elsewhere"),
        ...(outside.length > 0 ? { hint: t("elsewhereHint") } : {}),
      }),
      h("datalist", { id: "outside" }, ...outside.map((name) => h("option", { value: name }))),
      button({ class: "button" }, addElsewhere, t("add")),
    ),
    chosen,
    said,
    draft.faults.has("made_at")
      ? h("p", { class: "fault" }, draft.faults.get("made_at") ?? "")
      : null,
    h(
      "div",
      { class: "field" },
      h(
        "label",
        { class: "need consent" },
        consent,
        h("span", {}, t("consent", { days: form.keep_days })),
      ),
      fault ? h("p", { class: "fault" }, fault) : null,
    ),
  ]);
}
