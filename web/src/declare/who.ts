import { h } from "../dom";
import { field } from "../form-parts";
import type { DeclareApp } from "./app";
import { choice, communeSelect, stepForm } from "./parts";
import { t } from "./text";

type Typed = "name" | "birth_year" | "phone" | "identity" | "address";

/** The first step: whom it is about, and how to reach them. */
export function whoStep(app: DeclareApp): HTMLElement {
  const { draft } = app;
  const input = (name: Typed, attributes: Record<string, string | number>): HTMLInputElement => {
    const element = h("input", { id: name, value: draft[name], ...attributes });
    element.addEventListener("input", () => {
      draft[name] = element.value;
    });
    return element;
  };
  const fault = (name: string): { fault: string | undefined } => ({
    fault: draft.faults.get(name),
  });
  const commune = communeSelect(app, "commune_code", draft.commune_code);
  commune.addEventListener("change", () => {
    draft.commune_code = commune.value;
  });
  const optional = t("optional");
  return stepForm(app, "who", t("whoTitle"), [
    choice(
      { id: "who-label", text: t("whoTitle"), unseen: true },
      [
        ["self", t("whoSelf")],
        ["family", t("whoFamily")],
        ["other", t("whoOther")],
      ] as const,
      draft.who,
      (value) => {
        draft.who = value;
      },
    ),
    field(
      input("name", { type: "text", maxlength: 120, autocomplete: "off" }),
      t("name"),
      fault("name"),
    ),
    field(
      input("birth_year", {
        type: "text",
        inputmode: "numeric",
        maxlength: 4,
        autocomplete: "off",
      }),
      t("birthYear"),
      fault("birth_year"),
    ),
    choice(
      { id: "sex-label", text: `${t("sex")} (${optional})` },
      [
        ["female", t("female")],
        ["male", t("male")],
        ["other", t("other")],
      ] as const,
      draft.sex,
      (value) => {
        draft.sex = value;
      },
    ),
    field(input("phone", { type: "tel", maxlength: 40, autocomplete: "tel" }), t("phone"), {
      hint: t("phoneHint"),
      ...fault("phone"),
      optional: app.staff !== null && optional,
    }),
    field(input("identity", { type: "text", maxlength: 40, autocomplete: "off" }), t("identity"), {
      ...fault("identity"),
      optional,
    }),
    app.communes.length === 0
      ? h("p", { class: "caution", role: "status" }, t("communesAway"))
      : field(commune, t("commune"), fault("commune_code")),
    field(
      input("address", { type: "text", maxlength: 300, autocomplete: "street-address" }),
      t("address"),
      { hint: t("addressHint"), ...fault("address"), optional },
    ),
  ]);
}
