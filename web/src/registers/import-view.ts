import { button, h } from "../dom";
import { Refusal } from "../edit/calls";
import { tx } from "../edit/texts";
import { refusalWords } from "../edit/words";
import { formatNumber } from "../format";
import { pick } from "../locale";
import type { RowContext } from "./row-view";
import { address, sentence, type Taken } from "./server";
import { t } from "./text";

/** Opens the import of a sheet: checked first, with every fault by its line and column. */
export function openImport(context: RowContext): void {
  const { record, server, sheet } = context;
  const input = h("input", { id: "import-file", type: "file", accept: ".xlsx,.csv" });
  const outcome = h("div", { class: "import-outcome", "aria-live": "polite" });
  const take = h("button", { type: "submit", class: "button button-strong" }, t("take"));
  const form = h(
    "form",
    { class: "edit import-form", novalidate: true },
    h("p", {}, t("importHint")),
    h("a", { class: "button", href: `${address(record.id)}/template.xlsx` }, t("template")),
    h("div", { class: "field" }, h("label", { for: "import-file" }, t("file")), input),
    h(
      "div",
      { class: "edit-actions" },
      button({ class: "button" }, () => void send(true), t("check")),
      take,
      button({ class: "button" }, () => void sheet.close(), tx("cancel")),
    ),
    outcome,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(false);
  });
  input.addEventListener("change", () => outcome.replaceChildren());
  sheet.show({ title: t("importSheet"), body: form });

  async function send(dry: boolean): Promise<void> {
    const file = input.files?.[0];
    if (!file) {
      outcome.replaceChildren(h("p", { role: "alert" }, t("choosePlace")));
      input.focus();
      return;
    }
    outcome.replaceChildren(h("p", {}, t("loading")));
    try {
      const taken = await server.take(record.id, file, dry);
      outcome.replaceChildren(...told(taken));
      if (taken.written) context.onChanged(t("taken", { n: formatNumber(taken.read) }));
    } catch (error) {
      const isSaid = error instanceof Refusal && error.status === 400;
      outcome.replaceChildren(
        h(
          "p",
          { role: "alert", class: "edit-said" },
          isSaid ? sentence(error) : refusalWords(error),
        ),
      );
    }
  }
}

/** What came of a sheet, in words, with its faults. */
export function told(taken: Taken): HTMLElement[] {
  const n = formatNumber(taken.read);
  const parts: HTMLElement[] = [];
  if (taken.bad > 0)
    parts.push(
      h(
        "p",
        { role: "alert", class: "edit-said" },
        t("faults", { bad: formatNumber(taken.bad), n }),
      ),
      faults(taken),
    );
  else parts.push(h("p", { class: "row-said" }, t(taken.written ? "taken" : "checked", { n })));
  if (taken.ignored.length > 0)
    parts.push(h("p", { class: "hint" }, t("ignored", { names: taken.ignored.join(", ") })));
  return parts;
}

function faults(taken: Taken): HTMLElement {
  const head = (["line", "column", "value", "reason"] as const).map((name) =>
    h("th", { scope: "col" }, t(name)),
  );
  const rows = taken.problems.map(({ line, column, value, rule }) =>
    h(
      "tr",
      {},
      h("td", {}, formatNumber(line)),
      h("td", {}, column ?? ""),
      h("td", {}, value),
      h("td", {}, pick(rule)),
    ),
  );
  return h(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": t("importSheet") },
    h("table", { class: "faults" }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)),
  );
}
