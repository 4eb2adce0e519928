// The numbers as cards, and the numbers by code as bars.
import { h } from "../dom";
import { formatNumber } from "../format";
import { pick } from "../locale";
import type { Breakdown, Figure } from "./data";
import { bar } from "./svg";
import { formatFigure, t, unitWord } from "./text";

/** The cards of a theme; what is the whole of another figure stands on that one's card. */
export function cards(figures: readonly Figure[], theme: string, fewest: number): HTMLElement[] {
  const wholes = new Set(figures.map(({ whole }) => whole));
  return figures
    .filter((figure) => figure.theme === theme && !wholes.has(figure.id))
    .map((figure) => card(figure, figures.find(({ id }) => id === figure.whole) ?? null, fewest));
}

function card(figure: Figure, whole: Figure | null, fewest: number): HTMLElement {
  const unit = figure.value === null ? "" : unitWord(figure.unit);
  return h(
    "li",
    { class: "figure", "data-figure": figure.id },
    h("h3", {}, pick(figure.title)),
    h(
      "p",
      { class: "number", title: figure.suppressed ? t("fewerHint", { n: fewest }) : null },
      ...digits(shown(figure, fewest)),
      unit && " ",
      unit && h("span", { class: "unit" }, unit),
    ),
    whole?.value != null && figure.value !== null && part(figure.value, whole),
    change(figure),
  );
}

function shown(figure: Figure, fewest: number): string {
  if (figure.value !== null) return formatFigure(figure.value, figure.unit);
  return figure.suppressed ? t("fewer", { n: fewest }) : t("noValue");
}

/** A text with its numbers large and the words between them small. */
function digits(text: string): (HTMLElement | string)[] {
  return text
    .split(/(\d[\d.,]*%?)/)
    .filter((piece) => piece !== "")
    .map((piece) =>
      /^\d/.test(piece) ? h("strong", {}, piece) : h("span", { class: "unit" }, piece),
    );
}

function part(value: number, whole: Figure): HTMLElement {
  const all = whole.value ?? 0;
  return h(
    "div",
    { class: "part" },
    bar(all > 0 ? value / all : 0),
    h("p", {}, t("ofWhole", { n: formatNumber(all), title: pick(whole.title) })),
  );
}

const ARROWS = { up: "▲", down: "▼", same: "■" } as const;

function change(figure: Figure): HTMLElement | null {
  if (figure.compared === null) return null;
  if (figure.value === null || figure.before === null)
    return h("p", { class: "change" }, t("noBeforeEmpty"));
  const difference = figure.value - figure.before;
  const way = difference > 0 ? "up" : difference < 0 ? "down" : "same";
  const good =
    way === "same" || !figure.better ? null : (way === "up") === (figure.better === "more");
  const by = Math.abs(difference);
  const size =
    figure.unit === "%" ? t("points", { n: formatNumber(by) }) : formatFigure(by, figure.unit);
  return h(
    "p",
    { class: `change${good === null ? "" : good ? " change-good" : " change-bad"}` },
    h("span", { class: "arrow", "aria-hidden": "true" }, ARROWS[way]),
    " ",
    h("b", {}, t(way, { n: size })),
    ` ${pick(figure.compared)} (${t("before", { n: formatFigure(figure.before, figure.unit) })})`,
  );
}

/** A list of bars: how many there are of each code. */
export function breakdown(one: Breakdown): HTMLElement {
  const most = Math.max(1, ...one.items.map(({ value }) => value));
  return h(
    "section",
    { class: "breakdown", "data-breakdown": one.id },
    h("h3", {}, pick(one.title)),
    h(
      "dl",
      {},
      ...one.items.map(({ title, value }) =>
        h(
          "div",
          { class: "row" },
          h("dt", {}, pick(title)),
          h("dd", {}, h("strong", {}, formatNumber(value)), bar(value / most)),
        ),
      ),
    ),
  );
}
