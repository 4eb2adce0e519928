import { button, h } from "../dom";
import type { FormColumn } from "../edit/fields";
import { changeItem, lines } from "../edit/history";
import { tx } from "../edit/texts";
import { refusalWords } from "../edit/words";
import { formatInstant } from "../format";
import { type FormTask, recordForm } from "./record-form";
import type { RegisterColumn } from "./records";
import type { RowContext } from "./row-view";
import type { DeletedRow, RowChange, TaggedRow } from "./server";
import { t } from "./text";

const LONGEST_REASON = 500;

/** What brings an earlier state back. */
interface Restoring extends Pick<FormTask, "title" | "reread" | "onLeft"> {
  restore(reason: string): Promise<TaggedRow>;
  onRestored(saved: TaggedRow): void;
}

/** Asks why a state is brought back, and does it. */
export function askReason(context: RowContext, task: Restoring): void {
  const { sheet, zone, onChanged } = context;
  const { title, restore, onRestored } = task;
  const form: FormTask = {
    title,
    columns: [reasonColumn()],
    values: null,
    zone,
    button: tx("restore"),
    send: async ({ reason }) => {
      const saved = await restore(String(reason));
      onChanged(t("restored"));
      onRestored(saved);
    },
    onLeft: task.onLeft,
  };
  sheet.show(recordForm(task.reread ? { ...form, reread: task.reread } : form));
}

function reasonColumn(): FormColumn {
  return {
    name: "reason",
    title: { vi: t("reasonWhy"), en: t("reasonWhy") },
    description: null,
    type: "string",
    format: null,
    unit: null,
    codes: null,
    minimum: null,
    maximum: null,
    maxLength: LONGEST_REASON,
    nullable: false,
    hasDefault: false,
    default: null,
    write: "always",
  };
}

/** The part of a row that tells what became of it; read when it is opened. */
export function historyPart(
  context: RowContext,
  columns: RegisterColumn[],
  found: TaggedRow,
  onRestore: (change: RowChange) => void,
): HTMLElement {
  const { record, server, zone } = context;
  const body = h("div", { class: "history-body" });
  const part = h("details", { class: "history" }, h("summary", {}, t("history")), body);
  part.addEventListener("toggle", () => {
    if (part.open) void load();
  });

  async function load(): Promise<void> {
    body.replaceChildren(h("p", { role: "status" }, t("loading")));
    try {
      const changes = await server.history(record.id, String(found.row.id));
      const items = changes.map((change) => historyItem(change, columns, zone, onRestore));
      body.replaceChildren(
        changes.length > 0
          ? h("ol", { class: "history-list" }, ...(await Promise.all(items)))
          : h("p", {}, t("historyNone")),
      );
    } catch (error) {
      body.replaceChildren(h("p", { role: "alert" }, refusalWords(error)));
    }
  }
  return part;
}

async function historyItem(
  change: RowChange,
  columns: RegisterColumn[],
  zone: string,
  onRestore: (change: RowChange) => void,
): Promise<HTMLElement> {
  const item = changeItem(change, await lines(change, columns, zone, async () => null), zone);
  if (change.restores) {
    const at = formatInstant(change.restores, zone);
    item.append(
      h("p", { class: "history-head" }, t("restoredFrom", { at, reason: change.reason ?? "" })),
    );
  }
  if (change.mayRestore) {
    const at = formatInstant(change.at, zone);
    const label = tx("restoreFrom", { at });
    item.append(
      button({ class: "button", "aria-label": label }, () => onRestore(change), tx("restore")),
    );
  }
  return item;
}

/** The rows that were deleted last: what, when, by whom. */
export async function deletedList(
  context: RowContext,
  onRestore: (gone: DeletedRow) => void,
): Promise<HTMLElement> {
  const { record, server, zone } = context;
  try {
    const found = await server.deleted(record.id);
    if (found.length === 0) return h("p", { class: "empty" }, t("deletedNone"));
    const items = found.map((gone) => {
      const name = String(gone.row[record.titleColumn] ?? gone.id);
      const at = h("time", { datetime: gone.at }, formatInstant(gone.at, zone));
      const label = tx("bringBackOf", { name });
      return h(
        "li",
        {},
        h("p", { class: "history-head" }, h("strong", {}, name), " · ", at, " · ", gone.actor),
        button({ class: "button", "aria-label": label }, () => onRestore(gone), tx("restore")),
      );
    });
    return h("div", { class: "history" }, h("ol", { class: "history-list" }, ...items));
  } catch (error) {
    return h("p", { class: "edit-said", role: "alert" }, refusalWords(error));
  }
}
