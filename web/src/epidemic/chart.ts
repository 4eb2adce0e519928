// Charts by day: stacked bars, lines and a band around one of them; drawn to the width there is.
import { steps } from "../dashboard/scale";
import { svg } from "../dashboard/svg";
import { h } from "../dom";
import { formatNumber } from "../format";
import { language } from "../locale";

export interface Layer {
  title: string;
  /** One for each day; null where nothing is told. */
  values: (number | null)[];
}

export interface Chart {
  label: string;
  days: string[];
  /** Stacked upon one another. */
  bars?: Layer[];
  lines?: Layer[];
  /** The limits around the first line. */
  band?: { title: string; low: (number | null)[]; high: (number | null)[] };
  /** A level that means something, such as 1. */
  mark?: number;
  unit?: string;
}

const HIGH = 220;

/** A day of the year, from `YYYY-MM-DD`. */
export function shortDay(day: string): string {
  const [, month = "", date = ""] = day.split("-");
  if (language() === "vi") return `${date}/${month}`;
  const form = { day: "numeric", month: "short", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat("en-GB", form).format(new Date(`${day}T00:00:00Z`));
}

/** A chart that is drawn again when its width changes. */
export function chart(of: Chart): HTMLElement {
  const picture = h("div", { class: "epi-picture" });
  new ResizeObserver(() => {
    const width = picture.clientWidth;
    if (width > 0) picture.replaceChildren(drawn(of, width));
  }).observe(picture);
  return h("figure", { class: "epi-chart" }, picture, legend(of));
}

function legend({ bars = [], lines = [], band }: Chart): HTMLElement {
  const entries: [string, string][] = [
    ...bars.map(({ title }, i): [string, string] => [`key-bar-${i}`, title]),
    ...lines.map(({ title }, i): [string, string] => [`key-line-${i}`, title]),
    ...(band ? [["key-band", band.title] as [string, string]] : []),
  ];
  return h(
    "figcaption",
    {},
    ...entries.map(([kind, title]) =>
      h("span", { class: "epi-key" }, h("span", { class: kind, "aria-hidden": "true" }), title),
    ),
  );
}

/** Steps of the axis; for small numbers in fractions. */
function marksFor(most: number): number[] {
  return most > 4 ? steps(most) : steps(most * 10).map((step) => step / 10);
}

function drawn(of: Chart, width: number): SVGSVGElement {
  const { days, bars = [], lines = [], band, mark } = of;
  const stacked = days.map((_, i) => bars.reduce((all, { values }) => all + (values[i] ?? 0), 0));
  const highest = Math.max(
    mark ?? 0,
    ...stacked,
    ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)),
    ...(band?.high.map((value) => value ?? 0) ?? []),
  );
  const marks = marksFor(highest || 1);
  const top = marks.at(-1) ?? 1;
  const longest = Math.max(...marks.map((one) => (formatNumber(one) + (of.unit ?? "")).length));
  const [left, right, above, below] = [12 + 8 * longest, 22, 12, 28];
  const step = (width - left - right) / Math.max(1, days.length);
  const x = (i: number): number => left + step * (i + 0.5);
  const y = (value: number): number => HIGH - below - (value / top) * (HIGH - above - below);
  const picture = svg("svg", {
    viewBox: `0 0 ${width} ${HIGH}`,
    width,
    height: HIGH,
    role: "img",
    "aria-label": of.label,
  });
  for (const one of marks)
    picture.append(
      svg("path", { d: `M${left} ${y(one)}H${width - right}`, class: "epi-grid" }),
      svg(
        "text",
        { x: left - 6, y: y(one) + 4, class: "end" },
        formatNumber(one) + (of.unit ?? ""),
      ),
    );
  const room = Math.max(1, Math.ceil(58 / step));
  for (let i = days.length - 1; i >= 0; i -= room)
    picture.append(svg("text", { x: x(i), y: HIGH - 8, class: "middle" }, shortDay(days[i] ?? "")));
  days.forEach((_, i) => {
    let below = 0;
    bars.forEach(({ values }, at) => {
      const value = values[i] ?? 0;
      if (value > 0)
        picture.append(
          svg("rect", {
            x: (x(i) - step * 0.4).toFixed(1),
            width: (step * 0.8).toFixed(1),
            y: y(below + value).toFixed(1),
            height: (y(below) - y(below + value)).toFixed(1),
            class: `epi-bar-${at}`,
          }),
        );
      below += value;
    });
  });
  if (band) picture.append(...pieces(band.low, band.high, x, y));
  if (mark !== undefined)
    picture.append(svg("path", { d: `M${left} ${y(mark)}H${width - right}`, class: "epi-mark" }));
  lines.forEach(({ values }, at) => {
    for (const run of runs(values))
      picture.append(
        svg("path", {
          d: `M${run.map((i) => `${x(i).toFixed(1)} ${y(values[i] ?? 0).toFixed(1)}`).join("L")}`,
          class: `epi-line-${at}`,
        }),
      );
  });
  picture.append(...hints(of, x, step, HIGH - below));
  return picture;
}

/** The runs of days that have a value. */
function runs(values: readonly (number | null)[]): number[][] {
  const found: number[][] = [];
  let run: number[] = [];
  values.forEach((value, i) => {
    if (value !== null) run.push(i);
    else if (run.length > 0) {
      found.push(run);
      run = [];
    }
  });
  if (run.length > 0) found.push(run);
  return found;
}

function pieces(
  low: (number | null)[],
  high: (number | null)[],
  x: (i: number) => number,
  y: (value: number) => number,
): SVGPathElement[] {
  const both = low.map((value, i) => (high[i] === null ? null : value));
  return runs(both).map((run) => {
    const over = run.map((i) => `${x(i).toFixed(1)} ${y(high[i] ?? 0).toFixed(1)}`);
    const under = [...run].reverse().map((i) => `${x(i).toFixed(1)} ${y(low[i] ?? 0).toFixed(1)}`);
    return svg("path", { d: `M${[...over, ...under].join("L")}Z`, class: "epi-band" });
  });
}

/** What each day says, where a pointer rests. */
function hints(of: Chart, x: (i: number) => number, step: number, high: number): SVGElement[] {
  const told = (value: number | null | undefined): string =>
    value === null || value === undefined ? "–" : formatNumber(value) + (of.unit ?? "");
  return of.days.map((day, i) => {
    const words = [...(of.bars ?? []), ...(of.lines ?? [])].map(
      ({ title, values }) => `${title}: ${told(values[i])}`,
    );
    if (of.band) words.push(`${of.band.title}: ${told(of.band.low[i])} – ${told(of.band.high[i])}`);
    return svg(
      "rect",
      { x: x(i) - step / 2, y: 0, width: step, height: high, class: "epi-day" },
      svg("title", {}, [shortDay(day), ...words].join("\n")),
    );
  });
}
