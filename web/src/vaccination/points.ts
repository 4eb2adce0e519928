import { button, h } from "../dom";
import { Refusal } from "../edit/calls";
import { refusalWords } from "../edit/words";
import { field } from "../form-parts";
import { told } from "../registers/import-view";
import { sentence } from "../registers/server";
import type { DeskServer } from "./server";
import { t } from "./text";

const ADDRESS = "/api/vaccination/points";

/** The import of the health department's list of points: checked first, all rows or none. */
export function pointsImport(server: DeskServer): HTMLElement {
  const input = h("input", { id: "points-file", type: "file", accept: ".xlsx,.csv" });
  const outcome = h("div", { class: "import-outcome", "aria-live": "polite" });
  const send = async (dry: boolean): Promise<void> => {
    const file = input.files?.[0];
    if (!file) {
      outcome.replaceChildren(h("p", { role: "alert" }, t("chooseFile")));
      input.focus();
      return;
    }
    outcome.replaceChildren(h("p", {}, t("loading")));
    try {
      outcome.replaceChildren(...told(await server.takeAt(ADDRESS, file, dry)));
    } catch (error) {
      const isSaid = error instanceof Refusal && [400, 403].includes(error.status);
      const said = isSaid ? sentence(error) : refusalWords(error);
      outcome.replaceChildren(h("p", { role: "alert", class: "honest" }, said));
    }
  };
  return h(
    "details",
    { class: "desk-part" },
    h("summary", {}, h("h3", {}, t("points"))),
    h(
      "div",
      { class: "desk-form" },
      h("p", { class: "quiet" }, t("pointsHint")),
      h("a", { class: "button", href: `${ADDRESS}.xlsx` }, t("template")),
      field(input, t("file")),
      h(
        "div",
        { class: "desk-actions" },
        button({ class: "button" }, () => void send(true), t("check")),
        button({ class: "button button-strong" }, () => void send(false), t("take")),
      ),
      outcome,
    ),
  );
}
