// The districts coloured by the dose that is chosen: a picture of the table, which has the numbers.
import { legendLines } from "../dashboard/legend";
import { shadeOf, steps } from "../dashboard/scale";
import { svg } from "../dashboard/svg";
import { h } from "../dom";
import { formatNumber } from "../format";
import { theme } from "../theme";
import { type Outlines, type Row, share } from "./data";
import { t } from "./text";

const CLASSES = 5;
const MOVES: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export interface Picture {
  title: string;
  outlines: Outlines;
  rows: readonly Row[];
  /** The place of the chosen dose among those of a row. */
  at: number;
  /** Whether there are populations to compare with; else doses are counted. */
  shares: boolean;
  /** The district that is chosen; null: none. */
  marked: string | null;
}

/** What a district is coloured by: per cent or doses; null where that is not told or known. */
export function shownOf(row: Row, at: number, shares: boolean): number | null {
  const dose = row.doses[at];
  if (!dose) return null;
  if (shares) return share(dose, row.population);
  return dose.short ? null : dose.value;
}

/** The lower limit of each class, then the end of the last: the same for every dose. */
export function limitsOf(rows: readonly Row[], shares: boolean): number[] {
  const values = rows.flatMap((row) => row.doses.map((_, at) => shownOf(row, at, shares) ?? 0));
  const most = Math.max(0, ...values);
  if (most === 0) return [];
  // Per cent have one decimal.
  return shares
    ? steps(most * 10, CLASSES).map((limit) => limit / 10)
    : [1, ...steps(most, CLASSES).slice(1)];
}

/** The map with its legend; who points at a district, taps it or goes there by arrow keys reads it. */
export function map(of: Picture): HTMLElement {
  const paths = new Map(of.outlines.areas.map(({ code, path }) => [code, path]));
  const known = of.rows.filter(({ id }) => paths.has(id));
  const values = known.map((row) => shownOf(row, of.at, of.shares));
  const limits = limitsOf(known, of.shares);
  const on = theme();
  const readout = h("p", { class: "progress-readout" }, t("mapHint"));
  const areas = known.map(({ id, name }, i) => {
    const value = values[i] ?? null;
    return svg("path", {
      d: paths.get(id) ?? "",
      fill: shadeOf(value, limits, on),
      role: "img",
      tabindex: i === 0 ? 0 : -1,
      "aria-label": `${name}: ${number(value, of.shares)}`,
      "data-area": id,
      ...(id === of.marked ? { class: "marked" } : {}),
    });
  });
  const label = (low: number, high: number): string =>
    `${formatNumber(low)} – ${formatNumber(high)}${of.shares ? "%" : ""}`;
  return h(
    "div",
    { class: "progress-map" },
    picture(of, areas, readout),
    readout,
    h(
      "ul",
      { class: "progress-legend", "aria-label": t("legend") },
      ...legendLines({
        limits,
        whole: !of.shares,
        values,
        on,
        label,
        zero: t("mapZero"),
        hidden: t("mapHidden"),
      }),
    ),
  );
}

/** The areas as a picture: what each is called stands in the readout while it is pointed at. */
function picture(of: Picture, areas: SVGPathElement[], readout: HTMLElement): SVGSVGElement {
  for (const area of areas)
    for (const event of ["pointerenter", "focus", "click"])
      area.addEventListener(event, () => {
        readout.textContent = area.getAttribute("aria-label");
      });
  const made = svg(
    "svg",
    {
      viewBox: `0 0 ${of.outlines.width} ${of.outlines.height}`,
      class: "progress-picture",
      role: "group",
      "aria-label": of.title,
    },
    ...areas,
  );
  made.addEventListener("pointerleave", () => {
    readout.textContent = t("mapHint");
  });
  made.addEventListener("keydown", (event) => move(event, areas));
  return made;
}

function number(value: number | null, shares: boolean): string {
  if (value === null) return t("mapHidden");
  return shares ? `${formatNumber(value)}%` : `${formatNumber(value)} ${t("dosesUnit")}`;
}

/** One place for the Tab key, from which arrow keys go on. */
function move(event: KeyboardEvent, areas: SVGPathElement[]): void {
  const by = MOVES[event.key];
  const at = areas.indexOf(event.target as SVGPathElement);
  if (by === undefined || at < 0) return;
  event.preventDefault();
  const next = areas[(at + by + areas.length) % areas.length];
  areas[at]?.setAttribute("tabindex", "-1");
  next?.setAttribute("tabindex", "0");
  next?.focus();
}
