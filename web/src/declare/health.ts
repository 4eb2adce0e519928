import { button } from "../dom";
import { pick } from "../locale";
import type { DeclareApp } from "./app";
import { choice, group, mended, stepForm } from "./parts";
import { t } from "./text";

/** The second step: symptoms, each by one touch, or none of them; contact with a case. */
export function healthStep(app: DeclareApp): HTMLElement {
  const { draft } = app;
  const codes = app.form.symptoms.map((code) => ({ ...code, text: pick(code) }));
  const none = button({ class: "kind" }, () => choose([]), t("noSymptom"));
  const toggles = codes.map(({ value, text }) =>
    button(
      { class: "kind" },
      () => {
        const now = draft.symptoms ?? [];
        choose(now.includes(value) ? now.filter((one) => one !== value) : [...now, value]);
      },
      text,
    ),
  );
  function choose(symptoms: string[]): void {
    draft.symptoms = symptoms;
    mended(none);
    show();
  }
  function show(): void {
    none.setAttribute("aria-pressed", String(draft.symptoms?.length === 0));
    codes.forEach(({ value }, at) => {
      toggles[at]?.setAttribute("aria-pressed", String(draft.symptoms?.includes(value) ?? false));
    });
  }
  show();
  return stepForm(app, "health", t("healthTitle"), [
    group(
      {
        id: "symptoms-label",
        text: t("symptoms"),
        hint: t("symptomsHint"),
        fault: draft.faults.get("symptoms"),
      },
      "kinds symptoms",
      [none, ...toggles],
    ),
    choice(
      { id: "contact-label", text: t("contact"), fault: draft.faults.get("contact") },
      [
        [true, t("yes")],
        [false, t("no")],
      ] as const,
      draft.contact,
      (value) => {
        draft.contact = value;
      },
    ),
  ]);
}
