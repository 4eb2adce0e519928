import { button, h } from "../dom";
import { ask } from "../edit/ask";
import { Refusal } from "../edit/calls";
import { type FormColumn, fieldsOf } from "../edit/fields";
import { tx } from "../edit/texts";
import { refusalWords, valueWords } from "../edit/words";
import { formatInstant } from "../format";
import { pick } from "../locale";
import { newId } from "../sos/ids";
import { meanwhile } from "./meanwhile";
import { askReason, deletedList, historyPart } from "./past";
import { recordForm } from "./record-form";
import {
  type ActionRecord,
  type Offers,
  possible,
  type RegisterColumn,
  type RegisterRecord,
  withOffers,
} from "./records";
import type { RegisterServer, RowChange, TaggedRow } from "./server";
import type { Sheet } from "./sheet";
import { t } from "./text";

/** Columns that the database writes with each change. */
const KEPT = new Set(["id", "made_at", "updated_at"]);

/** What the view of a row works with. */
export interface RowContext {
  record: RegisterRecord;
  offers: Offers;
  zone: string;
  server: RegisterServer;
  sheet: Sheet;
  /** Something was done; the list is to be read again. */
  onChanged(said: string): void;
}

/** Opens a row: what it says, what may be done to it, what became of it. */
export async function openRow(context: RowContext, id: string, said = ""): Promise<void> {
  const { record, server, sheet } = context;
  try {
    show(context, await server.row(record.id, id), said);
  } catch (error) {
    const told = h("p", { class: "edit-said", role: "alert" }, refusalWords(error));
    sheet.show({ title: pick(record.title), body: told });
  }
}

/** Opens the form of a new row. */
export function addRow(context: RowContext): void {
  const { record, offers, zone, server, sheet } = context;
  const fields = fieldsOf({ ...record, geometryType: "", clientIds: true, vertices: 0 }, true);
  // Sending twice makes one row.
  const id = newId();
  sheet.show(
    recordForm({
      title: record.adding ? pick(record.adding) : pick(record.title),
      columns: withOffers(fields, offers, true),
      values: null,
      zone,
      button: record.adding ? pick(record.adding) : tx("save"),
      send: async (values) => {
        const made = await server.create(record.id, { ...values, id });
        context.onChanged(t("saved"));
        show(context, made, t("saved"));
      },
      onLeft: () => void sheet.close(),
    }),
  );
}

function show(context: RowContext, found: TaggedRow, said: string): void {
  const { record, sheet } = context;
  const { row } = found;
  const columns = toldColumns(context);
  const changeable = fieldsOf({ ...record, geometryType: "", clientIds: true, vertices: 0 }, false);
  const body = h(
    "div",
    { class: "row-view" },
    said ? h("p", { class: "row-said", role: "status" }, said) : null,
    h(
      "div",
      { class: "row-actions" },
      ...possible(record, row).map((action) =>
        button(
          { class: `button ${action.grave ? "button-danger" : "button-strong"}` },
          () => act(context, found, action),
          pick(action.title),
        ),
      ),
      changeable.length > 0 && button({ class: "button" }, () => edit(context, found), t("edit")),
      record.removes &&
        button({ class: "button button-danger" }, () => void remove(context, found), t("remove")),
    ),
    facts(columns, row, context.zone),
    historyPart(context, columns, found, (change) => takeBack(context, found, change)),
  );
  sheet.show({ title: String(row[record.titleColumn] ?? ""), body });
}

/** The columns of a row that are read, with what their codes mean. */
function toldColumns({ record, offers }: RowContext): RegisterColumn[] {
  return withOffers(record.columns, offers, false).filter(({ told }) => told);
}

function facts(columns: RegisterColumn[], row: Record<string, unknown>, zone: string): HTMLElement {
  const list = h("dl", { class: "row-facts" });
  for (const column of columns) {
    const value = row[column.name];
    if (column.name === "id" || value === null || value === undefined || value === "") continue;
    list.append(
      h("div", {}, h("dt", {}, pick(column.title)), h("dd", {}, valueWords(column, value, zone))),
    );
  }
  return list;
}

function edit(context: RowContext, found: TaggedRow): void {
  const { record, offers, zone, server, sheet } = context;
  const id = String(found.row.id);
  const fields = fieldsOf({ ...record, geometryType: "", clientIds: true, vertices: 0 }, false);
  let base = found;
  sheet.show(
    recordForm({
      title: String(found.row[record.titleColumn] ?? ""),
      columns: withOffers(fields, offers, true),
      values: found.row,
      compared: comparedColumns(context, fields),
      zone,
      button: tx("save"),
      send: async (values) => {
        const saved = await server.patch(record.id, id, base.tag, values);
        context.onChanged(t("saved"));
        show(context, saved, t("saved"));
      },
      reread: async () => {
        const now = await meanwhile(context, base);
        base = now.found;
        return now;
      },
      onLeft: () => show(context, base, ""),
    }),
  );
}

/** What of a row may differ from what somebody has open: its fields, and what only actions write. */
function comparedColumns(context: RowContext, fields: readonly FormColumn[]): FormColumn[] {
  const known = withOffers(context.record.columns, context.offers, false);
  const edited = new Set(fields.map(({ name }) => name));
  return known.filter(({ name, told }) => edited.has(name) || (told && !KEPT.has(name)));
}

function act(context: RowContext, found: TaggedRow, action: ActionRecord): void {
  const { record, offers, zone, server, sheet } = context;
  const id = String(found.row.id);
  let base = found;
  sheet.show(
    recordForm({
      title: `${pick(action.title)}: ${found.row[record.titleColumn] ?? ""}`,
      columns: withOffers(action.columns, offers, false),
      values: null,
      zone,
      button: pick(action.title),
      grave: action.grave,
      confirm: action.confirm && pick(action.confirm),
      send: async (values) => {
        const then = await server.act(record.id, id, base.tag, action.id, values);
        const said = t("done", { action: pick(action.title) });
        context.onChanged(said);
        show(context, then, said);
      },
      reread: async () => {
        const now = await meanwhile(context, base);
        base = now.found;
        if (possible(record, base.row).includes(action)) return now;
        show(context, base, t("changed"));
        return null;
      },
      onLeft: () => show(context, base, ""),
    }),
  );
}

/** Makes a row what it was after a change, once it is said why. */
function takeBack(context: RowContext, found: TaggedRow, change: RowChange): void {
  const { record, server, zone } = context;
  const id = String(found.row.id);
  let base = found;
  askReason(context, {
    title: t("restoreOf", { at: formatInstant(change.at, zone) }),
    restore: (reason) => server.restore(record.id, id, base.tag, change.id, reason),
    onRestored: (saved) => show(context, saved, t("restored")),
    reread: async () => {
      const now = await meanwhile(context, base);
      base = now.found;
      return now;
    },
    onLeft: () => show(context, base, ""),
  });
}

/** The rows that were deleted, each of which may come back. */
export async function openDeleted(context: RowContext): Promise<void> {
  const { record, server, sheet } = context;
  const open = (): void => void openDeleted(context);
  const body = await deletedList(context, ({ id, change, row }) =>
    askReason(context, {
      title: t("restoreNamed", { name: String(row[record.titleColumn] ?? id) }),
      restore: (reason) => server.restore(record.id, id, "", change, reason),
      onRestored: (saved) => show(context, saved, t("restored")),
      onLeft: open,
    }),
  );
  sheet.show({ title: t("deletedRows"), body });
}

async function remove(context: RowContext, found: TaggedRow): Promise<void> {
  const { record, server, sheet } = context;
  if (!(await ask(t("removeQuestion"), t("remove")))) return;
  try {
    await server.remove(record.id, String(found.row.id), found.tag);
    context.onChanged(t("removed"));
    await sheet.close();
  } catch (error) {
    if (error instanceof Refusal && error.status === 412)
      await openRow(context, String(found.row.id), t("changed"));
    else show(context, found, refusalWords(error));
  }
}
