import type { Feature, LayerConfig } from "../config";
import { button, h } from "../dom";
import { formatInstant } from "../format";
import { pick } from "../locale";
import type { EditTexts } from "../texts/edit/vi";
import { ask } from "./ask";
import type { FormColumn, FormRecord } from "./fields";
import type { Change, Server, Tagged } from "./server";
import { tx } from "./texts";
import { moveWords, refusalWords, valueWords } from "./words";

const OPERATIONS: Record<string, keyof EditTexts> = {
  insert: "historyInsert",
  update: "historyUpdate",
  delete: "historyDelete",
  load: "historyLoad",
  truncate: "historyTruncate",
};

export interface HistoryContext {
  layer: LayerConfig;
  server: Server;
  zone: string;
  /** A code's name where a column refers to an administrative unit; null otherwise. */
  nameOf(column: string, value: unknown): Promise<string | null>;
  /** Whether the person may take the feature back to an earlier state. */
  mayRestore(): Promise<boolean>;
  onRestored(saved: Tagged): void;
  notify(text: string): void;
}

/** One change of a column in words. */
export interface Line {
  title: string;
  before: string;
  after: string;
}

/** What a change did to each column, in words; a shape as how far it went. */
export async function lines(
  change: Pick<Change, "changes">,
  columns: readonly FormColumn[],
  zone: string,
  nameOf: HistoryContext["nameOf"],
): Promise<Line[]> {
  const found: Line[] = [];
  for (const { column: name, before, after } of change.changes) {
    const column = columns.find((one) => one.name === name);
    if (!column) {
      const [from, to] = [before, after] as (GeoJSON.Geometry | null)[];
      found.push({ title: tx("place"), before: "", after: moveWords(from ?? null, to ?? null) });
      continue;
    }
    const words = async (value: unknown): Promise<string> =>
      (await nameOf(name, value)) ?? valueWords(column, value, zone);
    found.push({
      title: pick(column.title),
      before: await words(before),
      after: await words(after),
    });
  }
  return found;
}

/** The part of a card that tells what became of the feature; read when it is opened. */
export function historyPart(context: HistoryContext, feature: Feature): HTMLElement {
  const body = h("div", { class: "history-body" });
  const part = h("details", { class: "history" }, h("summary", {}, tx("history")), body);
  part.addEventListener("toggle", () => {
    if (part.open) void load(context, feature, body);
  });
  return part;
}

async function load(context: HistoryContext, feature: Feature, body: HTMLElement): Promise<void> {
  body.replaceChildren(h("p", { class: "empty", role: "status" }, tx("historyLoading")));
  const item = `${context.layer.items}/${encodeURIComponent(String(feature.id))}`;
  try {
    const [changes, record, now, may] = await Promise.all([
      context.server.history(item),
      context.server.form(context.layer.id),
      context.server.feature(item),
      context.mayRestore(),
    ]);
    const rows = await Promise.all(
      changes.map((change, index) => row(context, record, change, may && index > 0 ? now : null)),
    );
    body.replaceChildren(
      rows.length > 0
        ? h("ol", { class: "history-list" }, ...rows)
        : h("p", { class: "empty" }, tx("historyNone")),
    );
  } catch (error) {
    body.replaceChildren(h("p", { class: "empty", role: "alert" }, refusalWords(error)));
  }
}

async function row(
  context: HistoryContext,
  record: FormRecord,
  change: Change,
  now: Tagged | null,
): Promise<HTMLElement> {
  const told = await lines(change, record.columns, context.zone, context.nameOf);
  const at = formatInstant(change.at, context.zone);
  const item = changeItem(change, told, context.zone);
  if (now && change.after)
    item.append(
      button(
        { class: "button", "aria-label": tx("restoreFrom", { at }) },
        () => void restore(context, change, now, at),
        tx("restore"),
      ),
    );
  return item;
}

/** A change in a list of changes: what, when, by whom, and each line of it. */
export function changeItem(
  change: Pick<Change, "operation" | "at" | "actor">,
  told: readonly Line[],
  zone: string,
): HTMLElement {
  return h(
    "li",
    {},
    h(
      "p",
      { class: "history-head" },
      h("strong", {}, tx(OPERATIONS[change.operation] ?? "historyUpdate")),
      " · ",
      h("time", { datetime: change.at }, formatInstant(change.at, zone)),
      " · ",
      change.actor ?? tx("historyNobody"),
    ),
    told.length > 0 &&
      h(
        "ul",
        {},
        ...told.map(({ title, before, after }) =>
          h("li", {}, `${title}: `, before && h("s", {}, before), before && " → ", after),
        ),
      ),
  );
}

async function restore(
  context: HistoryContext,
  change: Change,
  now: Tagged,
  at: string,
): Promise<void> {
  if (!(await ask(tx("restoreQuestion", { at }), tx("restore"), tx("restoreDetails")))) return;
  const item = `${context.layer.items}/${encodeURIComponent(String(now.feature.id))}`;
  try {
    context.onRestored(await context.server.restore(item, now.tag, change.version));
    context.notify(tx("restored"));
  } catch (error) {
    context.notify(refusalWords(error));
  }
}
