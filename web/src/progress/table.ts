// A table of doses by number, with a bar for each row.
import { bar } from "../dashboard/svg";
import { h } from "../dom";
import { formatNumber } from "../format";
import { type Row, share, type Told } from "./data";
import { t } from "./text";

/** A number as it is told: with + where some of it is not told, – where nothing is. */
export function shown({ value, short }: Told): string {
  if (!short) return formatNumber(value);
  return value > 0 ? `${formatNumber(value)}+` : "–";
}

export interface Table {
  caption: string;
  head: string;
  rows: Row[];
  numbers: number[];
  /** The number of the dose that the bars are of. */
  dose: number;
  /** Whether there are populations to compare with. */
  shares: boolean;
  /** The row that is chosen; null: none. */
  marked: string | null;
}

export function table(of: Table): HTMLElement {
  const at = of.numbers.indexOf(of.dose);
  const most = Math.max(1, ...of.rows.map(({ doses }) => doses[at]?.value ?? 0));
  const column = (number: number): string => (number === of.dose ? "chosen" : "other");
  const row = (one: Row): HTMLElement => {
    const dose = one.doses[at] ?? { value: 0, short: false };
    const percent = share(dose, one.population);
    const cells = [
      h("td", { class: "bar-cell" }, bar(of.shares ? (percent ?? 0) / 100 : dose.value / most)),
      ...one.doses.map((told, i) =>
        h(
          "td",
          { class: column(of.numbers[i] ?? 0), "data-dose": of.numbers[i] ?? 0 },
          shown(told),
        ),
      ),
      of.shares && h("td", { class: "other" }, one.complete ? shown(one.complete) : "–"),
      of.shares && h("td", {}, percent === null ? "–" : `${formatNumber(percent)}%`),
    ];
    const marked = one.id === of.marked;
    return h(
      "tr",
      { "data-row": one.id, class: marked ? "marked" : null },
      h("th", { scope: "row" }, one.name),
      ...cells,
    );
  };
  const heads = [
    h("th", { scope: "col" }, of.head),
    h("td", { class: "bar-cell" }),
    ...of.numbers.map((n) => h("th", { scope: "col", class: column(n) }, t("doseN", { n }))),
    of.shares && h("th", { scope: "col", class: "other" }, t("complete")),
    of.shares && h("th", { scope: "col" }, t("share")),
  ];
  return h(
    "div",
    { class: "progress-scroll", tabindex: 0, role: "region", "aria-label": of.caption },
    h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...of.rows.map(row))),
  );
}
