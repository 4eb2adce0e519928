import { button, h } from "../dom";
import { pick } from "../locale";
import type { FormColumn, Raws } from "./fields";
import { isSame } from "./shapes";
import { tx } from "./texts";

/** The row of a conflict that is about the geometry. */
export const SHAPE = "geometry";

/** A state of a feature as the form holds it. */
export interface Draft {
  raws: Raws;
  geometry: GeoJSON.Geometry | null;
}

/** What of a feature two people have changed: `both` the same thing, to different ends. */
export interface Difference {
  column: string;
  by: "theirs" | "mine" | "both";
}

/** What has changed since a state that two people began from, in the order of the columns. */
export function differences(
  columns: readonly FormColumn[],
  base: Draft,
  mine: Draft,
  theirs: Draft,
): Difference[] {
  const found: Difference[] = [];
  const note = (column: string, byThem: boolean, byMe: boolean, agree: boolean): void => {
    if (byThem && byMe && !agree) found.push({ column, by: "both" });
    else if (byThem) found.push({ column, by: "theirs" });
    else if (byMe) found.push({ column, by: "mine" });
  };
  for (const { name } of columns) {
    const [was, own, other] = [base, mine, theirs].map(({ raws }) => raws[name] ?? "");
    note(name, other !== was, own !== was, own === other);
  }
  note(
    SHAPE,
    !isSame(base.geometry, theirs.geometry),
    !isSame(base.geometry, mine.geometry),
    isSame(mine.geometry, theirs.geometry),
  );
  return found;
}

/** What comes of it: theirs, with mine where only I have changed something or mine is kept. */
export function merged(
  found: readonly Difference[],
  mine: Draft,
  theirs: Draft,
  kept: ReadonlySet<string>,
): Draft {
  const result: Draft = { raws: { ...theirs.raws }, geometry: theirs.geometry };
  for (const { column, by } of found) {
    if (by === "theirs" || (by === "both" && !kept.has(column))) continue;
    if (column === SHAPE) result.geometry = mine.geometry;
    else result.raws[column] = mine.raws[column] ?? "";
  }
  return result;
}

export interface ConflictOptions {
  title: string;
  columns: readonly FormColumn[];
  found: readonly Difference[];
  /** A column's value in words, of the state as it is now or of mine. */
  words(column: string, side: "mine" | "theirs"): string;
  /** Who changed a column to what it is now, and when; null where that is not known. */
  by?(column: string): string | null;
  onSave(kept: ReadonlySet<string>): void;
  onDiscard(): void;
}

/** Both sides of a conflict beside each other, with the choice where they differ. */
export function conflictView(options: ConflictOptions): HTMLElement {
  const kept = new Set<string>();
  const rows = options.found.map((difference) => row(difference, options, kept));
  const said = options.found.some(({ by }) => by === "both") ? "conflictChoose" : "conflictApart";
  return h(
    "div",
    { class: "edit-scroll conflict", role: "group", "aria-labelledby": "conflict-title" },
    h("h3", { id: "conflict-title", tabindex: -1 }, options.title),
    h("p", {}, tx(said)),
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, tx("conflictWhat")),
          h("th", { scope: "col" }, tx("conflictTheirs")),
          h("th", { scope: "col" }, tx("conflictMine")),
        ),
      ),
      h("tbody", {}, ...rows),
    ),
    h(
      "div",
      { class: "edit-actions" },
      button({ class: "button button-strong" }, () => options.onSave(kept), tx("conflictSave")),
      button({ class: "button" }, () => options.onDiscard(), tx("conflictDiscard")),
    ),
  );
}

function row({ column, by }: Difference, options: ConflictOptions, kept: Set<string>): HTMLElement {
  const record = options.columns.find(({ name }) => name === column);
  const title = record ? pick(record.title) : tx("place");
  const cell = (side: "theirs" | "mine"): HTMLElement => {
    const words = options.words(column, side);
    const who = side === "theirs" && by !== "mine" ? options.by?.(column) : null;
    const note = who ? h("p", { class: "hint" }, who) : null;
    if (by !== "both") return h("td", { class: by === side ? "kept" : null }, words, note);
    const choice = h("input", {
      type: "radio",
      name: `conflict-${column}`,
      value: side,
      checked: side === "theirs",
    });
    choice.addEventListener("change", () => {
      if (side === "mine") kept.add(column);
      else kept.delete(column);
    });
    return h("td", {}, h("label", {}, choice, words), note);
  };
  return h(
    "tr",
    { "data-column": column },
    h("th", { scope: "row" }, title),
    cell("theirs"),
    cell("mine"),
  );
}
