import { button, h } from "../dom";
import { valueWords } from "../edit/words";
import { formatShortDate } from "../format";
import { pick } from "../locale";
import type { RegisterColumn, Row } from "./records";
import { t } from "./text";

/** What a list shows. */
export interface ListContent {
  columns: RegisterColumn[];
  titleColumn: string;
  rows: Row[];
  zone: string;
  /** The column that rows are sorted by, with `-` before it where the last come first. */
  sort: string;
  onSort(sort: string): void;
  onOpen(id: string): void;
}

/** Rows as a table; on a narrow screen its style makes a card of each row. */
export function listTable(content: ListContent): HTMLElement {
  const { columns, rows } = content;
  return h(
    "table",
    { class: "rows" },
    h("thead", {}, h("tr", {}, ...columns.map((column) => head(content, column)))),
    h("tbody", {}, ...rows.map((row) => line(content, row))),
  );
}

function head({ sort, onSort }: ListContent, column: RegisterColumn): HTMLElement {
  const isSorted = sort.replace("-", "") === column.name;
  const descends = sort.startsWith("-");
  const direction = isSorted ? (descends ? "descending" : "ascending") : null;
  const next = isSorted && !descends ? `-${column.name}` : column.name;
  return h(
    "th",
    { scope: "col", "aria-sort": direction },
    button(
      { class: "sort", title: t("sortBy", { column: pick(column.title) }) },
      () => onSort(next),
      pick(column.title),
      isSorted ? h("span", { "aria-hidden": "true" }, descends ? " ↓" : " ↑") : null,
    ),
  );
}

function line({ columns, titleColumn, zone, onOpen }: ListContent, row: Row): HTMLElement {
  const title = String(row[titleColumn] ?? "");
  return h(
    "tr",
    {},
    ...columns.map((column) => {
      const value = row[column.name];
      if (column.name === titleColumn)
        return h(
          "th",
          { scope: "row" },
          button(
            {
              class: "open-row",
              "data-row": String(row.id),
              "aria-label": t("open", { name: title }),
            },
            () => onOpen(String(row.id)),
            title,
          ),
        );
      const isNothing = value === null || value === undefined || value === "";
      return h(
        "td",
        { "data-label": pick(column.title), class: isNothing ? "nothing" : null },
        isNothing ? "" : words(column, value, zone),
      );
    }),
  );
}

/** A value, a day in digits: a list has little room. */
function words(column: RegisterColumn, value: unknown, zone: string): string {
  return column.format === "date"
    ? formatShortDate(String(value))
    : valueWords(column, value, zone);
}
