import { button, h } from "../dom";
import { pick } from "../locale";
import type { SosApp } from "./app";
import { heading } from "./parts";
import { categorySymbol } from "./symbols";
import { t } from "./text";

/** The second step: what help is needed, from the code list of the layer's record. */
export function whatStep(app: SosApp): HTMLElement {
  const fault = app.draft.faults.get("category");
  return h(
    "section",
    { "aria-labelledby": "heading" },
    heading(t("what"), t("step", { n: 2 })),
    app.placeNow(),
    fault ? h("p", { class: "fault", role: "alert" }, fault) : null,
    h(
      "div",
      { class: "kinds" },
      ...app.form.categories.map((code) =>
        button(
          { class: "kind", "aria-pressed": String(app.draft.category === code.value) },
          () => {
            app.draft.category = code.value;
            app.draft.faults.delete("category");
            app.go("people");
          },
          categorySymbol(code.value),
          h("span", {}, pick(code)),
        ),
      ),
    ),
  );
}

/** The title of a category's code. */
export function categoryTitle(app: SosApp, code: unknown): string {
  const found = app.form.categories.find(({ value }) => value === code);
  return found ? pick(found) : String(code ?? "");
}
