import { button, h } from "../dom";
import { field } from "../form-parts";
import { pick } from "../locale";
import { post, type Taken } from "./server";
import { t } from "./text";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** The part with which an organisation sends the list of its people. */
export function organisationPart(): { element: HTMLElement; render: () => void } {
  const element = h("details", { class: "organisation" });
  const input = h("input", { id: "list-file", type: "file", accept: ".xlsx,.csv" });
  const outcome = h("div", { class: "own-said", role: "status" });
  const send = async (dry: boolean): Promise<void> => {
    const file = input.files?.[0];
    if (!file) {
      outcome.replaceChildren(h("p", { class: "fault" }, t("chooseFile")));
      input.focus();
      return;
    }
    const type = file.name.toLowerCase().endsWith(".csv") ? "text/csv" : XLSX;
    const body = new Blob([file], { type });
    const said = await post<Taken & { detail?: string }>(`list${dry ? "?dry_run=true" : ""}`, body);
    outcome.replaceChildren(...told(said.body));
  };
  const render = (): void => {
    element.replaceChildren(
      h("summary", {}, t("organisation")),
      h(
        "div",
        { class: "vaccinate-form" },
        h("p", { class: "hint" }, t("organisationHint")),
        h("a", { class: "button wide", href: "/api/vaccination/list.xlsx" }, t("template")),
        field(input, t("file")),
        h(
          "div",
          { class: "own-actions" },
          button({ class: "button" }, () => void send(true), t("check")),
          button({ class: "button button-strong" }, () => void send(false), t("sendList")),
        ),
        outcome,
      ),
    );
  };
  return { element, render };
}

function told(taken: (Taken & { detail?: string }) | null): HTMLElement[] {
  if (!taken) return [h("p", { class: "fault" }, t("failed"))];
  if (!Array.isArray(taken.problems))
    return [h("p", { class: "fault" }, taken.detail ?? t("failed"))];
  if (taken.bad === 0)
    return [h("p", {}, t(taken.written ? "listTaken" : "listFine", { n: taken.read }))];
  return [
    h("p", { class: "fault" }, t("listBad", { bad: taken.bad, n: taken.read })),
    h(
      "ul",
      {},
      ...taken.problems
        .slice(0, 50)
        .map(({ line, column, rule }) =>
          h("li", {}, t("listLine", { line, column: column ?? "", rule: pick(rule) })),
        ),
    ),
  ];
}
