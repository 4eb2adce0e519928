import { h } from "../dom";
import { language } from "../locale";
import type { Figures } from "./api";
import { t } from "./text";

const SVG = "http://www.w3.org/2000/svg";
const WIDE = 280;
const HIGH = 72;

const locale = (): string => (language() === "en" ? "en-GB" : "vi-VN");
const number = (value: number): string => new Intl.NumberFormat(locale()).format(value);

function percent(part: number, whole: number): string {
  if (whole === 0) return "–";
  const format = { style: "percent", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale(), format).format(part / whole);
}

/** The figures of two weeks, by day and by district. */
export function figuresPart(
  { days, districts }: Figures,
  signed: { districts?: string[] },
): HTMLElement[] {
  const today = days.at(-1);
  const sum = (name: "declarations" | "with_symptoms"): number =>
    days.reduce((total, day) => total + day[name], 0);
  const mine = districts.filter(
    ({ code }) => !signed.districts?.length || signed.districts.includes(code),
  );
  const waiting = mine.reduce((total, { open, seen }) => total + open + seen, 0);
  const figure = (label: string, value: string): HTMLElement =>
    h("div", {}, h("dt", {}, label), h("dd", {}, value));
  return [
    h("p", { class: "flag-about" }, t("pick")),
    h("h2", {}, t("figures")),
    h(
      "dl",
      { class: "flag-numbers" },
      figure(t("today"), number(today?.declarations ?? 0)),
      figure(t("share"), percent(sum("with_symptoms"), sum("declarations"))),
      figure(t("waitingAll"), number(waiting)),
    ),
    chart(days),
    h(
      "table",
      { class: "flag-table" },
      h("caption", {}, t("byDistrict")),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...[t("district"), t("declarations"), t("share"), t("waitingAll")].map((text) =>
            h("th", { scope: "col" }, text),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        ...mine.map((one) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, one.name),
            h("td", {}, number(one.declarations)),
            h("td", {}, percent(one.with_symptoms, one.declarations)),
            h("td", {}, number(one.open + one.seen)),
          ),
        ),
      ),
    ),
  ];
}

function chart(days: Figures["days"]): HTMLElement {
  const most = Math.max(1, ...days.map(({ declarations }) => declarations));
  const step = WIDE / days.length;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", t("chart"));
  days.forEach(({ day, declarations, with_symptoms }, at) => {
    const group = document.createElementNS(SVG, "g");
    const title = document.createElementNS(SVG, "title");
    title.textContent = t("dayBar", { day, n: declarations, ill: with_symptoms });
    group.append(title);
    for (const [value, kind] of [
      [declarations, "all"],
      [with_symptoms, "ill"],
    ] as const) {
      const bar = document.createElementNS(SVG, "rect");
      const high = (value / most) * HIGH;
      bar.setAttribute("class", `bar-${kind}`);
      bar.setAttribute("x", String(at * step + 2));
      bar.setAttribute("y", String(HIGH - high));
      bar.setAttribute("width", String(step - 4));
      bar.setAttribute("height", String(high));
      group.append(bar);
    }
    svg.append(group);
  });
  const figure = h("figure", { class: "flag-chart" });
  figure.append(svg, h("figcaption", {}, t("chart")));
  return figure;
}
