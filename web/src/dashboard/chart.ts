// Daily series as lines, and as a table for whoever does not see them.
import { button, h } from "../dom";
import { formatNumber } from "../format";
import { pick } from "../locale";
import type { Series } from "./data";
import { steps } from "./scale";
import { svg } from "./svg";
import { formatDay, t } from "./text";

const PERIODS = [30, 90] as const;

/** A chart with its period; `days` changes it. */
export class Trend {
  readonly element = h("section", { class: "trend" });
  readonly #legend = h("ul", { class: "trend-legend" });
  readonly #picture = h("div", { class: "trend-picture" });
  readonly #table = h("table");
  #series: Series[] = [];

  constructor(days: number, choose: (days: number) => void) {
    this.element.append(
      h(
        "div",
        { class: "trend-head" },
        h("h3", {}, t("trends")),
        h(
          "div",
          { class: "choice", role: "group", "aria-label": t("daysShown") },
          ...PERIODS.map((one) =>
            button(
              { "aria-pressed": String(one === days) },
              (event) => {
                for (const other of this.element.querySelectorAll(".choice button"))
                  other.setAttribute("aria-pressed", String(other === event.currentTarget));
                choose(one);
              },
              t("lastDays", { n: one }),
            ),
          ),
        ),
      ),
      this.#legend,
      this.#picture,
      h(
        "details",
        {},
        h("summary", {}, t("showTable")),
        h(
          "div",
          { class: "table-scroll", tabindex: 0, role: "group", "aria-label": t("trends") },
          this.#table,
        ),
      ),
    );
    new ResizeObserver(() => this.#draw()).observe(this.#picture);
  }

  show(series: Series[]): void {
    this.#series = series;
    this.#legend.replaceChildren(
      ...series.map(({ title }, i) =>
        h(
          "li",
          {},
          svg(
            "svg",
            { viewBox: "0 0 28 8", width: 28, height: 8, "aria-hidden": "true" },
            svg("path", { d: "M1 4h26", class: `line line-${i}` }),
          ),
          pick(title),
        ),
      ),
      h("li", { class: "soft" }, t("todayPartial")),
    );
    this.#table.replaceChildren(
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, t("day")),
          ...series.map(({ title }) => h("th", { scope: "col" }, pick(title))),
        ),
      ),
      h("tbody", {}, ...rows(series)),
    );
    this.#draw();
  }

  #draw(): void {
    const width = this.#picture.clientWidth;
    if (width === 0 || this.#series.length === 0) return;
    const letter = Number.parseFloat(getComputedStyle(this.#picture).fontSize);
    this.#picture.replaceChildren(drawn(this.#series, width, this.#picture.clientHeight, letter));
  }
}

function rows(series: Series[]): HTMLElement[] {
  const days = series[0]?.days ?? [];
  return days
    .map((day, i) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, formatDay(day)),
        ...series.map(({ values }) => h("td", {}, formatNumber(values[i] ?? 0))),
      ),
    )
    .reverse();
}

/** What the chart says, in words. */
function words(series: Series[]): string {
  const days = series[0]?.days ?? [];
  const parts = series.map(({ title, values }) => {
    const most = Math.max(...values);
    return t("chartPart", {
      title: pick(title),
      most: formatNumber(most),
      day: formatDay(days[values.indexOf(most)] ?? ""),
      now: formatNumber(values.at(-1) ?? 0),
    });
  });
  return t("chartLabel", {
    n: days.length,
    first: formatDay(days[0] ?? ""),
    last: formatDay(days.at(-1) ?? ""),
    parts: parts.join(" "),
  });
}

function drawn(series: Series[], width: number, height: number, letter: number): SVGSVGElement {
  const days = series[0]?.days ?? [];
  const marks = steps(Math.max(1, ...series.flatMap(({ values }) => values)));
  const top = marks.at(-1) ?? 1;
  const left = letter * (1 + 0.62 * formatNumber(top).length);
  const right = letter * 2.4;
  const [above, below] = [letter * 2, letter * 2];
  const x = (i: number): number =>
    left + ((width - left - right) * i) / Math.max(1, days.length - 1);
  const y = (value: number): number => height - below - (value / top) * (height - above - below);
  const picture = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "aria-label": words(series),
  });
  picture.append(svg("text", { x: 0, y: letter, class: "axis-title" }, t("axisCount")));
  for (const mark of marks)
    picture.append(
      svg("path", { d: `M${left} ${y(mark)}H${width - right}`, class: "grid" }),
      svg("text", { x: left - 6, y: y(mark) + letter * 0.35, class: "end" }, formatNumber(mark)),
    );
  const room = Math.max(1, Math.ceil((days.length * letter * 4.2) / (width - left - right)));
  for (let i = days.length - 1; i >= 0; i -= room)
    picture.append(
      svg(
        "text",
        { x: x(i), y: height - letter * 0.5, class: "middle" },
        i === days.length - 1 ? t("today") : formatDay(days[i] ?? ""),
      ),
    );
  series.forEach(({ values }, i) => {
    const line = values.map((value, at) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("L");
    picture.append(svg("path", { d: `M${line}`, class: `line line-${i}` }));
  });
  const half = (x(1) - x(0)) / 2;
  days.forEach((day, i) => {
    const told = series.map(
      ({ title, values }) => `${pick(title)}: ${formatNumber(values[i] ?? 0)}`,
    );
    picture.append(
      svg(
        "rect",
        { x: x(i) - half, y: above, width: half * 2, height: height - above - below, class: "day" },
        svg("title", {}, [formatDay(day), ...told].join("\n")),
      ),
    );
  });
  return picture;
}
