// The numbers at the top, and the charts.
import { h } from "../dom";
import { formatNumber, formatShortDate } from "../format";
import { pick } from "../locale";
import { chart } from "./chart";
import { type Course, query, sum } from "./data";
import { t } from "./text";

const percent = (part: number, whole: number): number => Math.round((1000 * part) / whole) / 10;

/** A number with what is said of it. */
export interface Told {
  id: string;
  title: string;
  value: string;
  about: string;
}

/** The numbers of the last week. */
export function numbers(course: Course): HTMLElement {
  return h(
    "dl",
    { class: "epi-numbers" },
    ...weekNumbers(course).map(({ id, title, value, about }) =>
      h(
        "div",
        { "data-figure": id },
        h("dt", {}, title),
        h("dd", {}, h("strong", {}, value), h("span", {}, about)),
      ),
    ),
  );
}

/** Cases, reproduction number, doubling time and positivity of the last week. */
export function weekNumbers(course: Course): Told[] {
  const week = course.days.slice(-7);
  const before = course.days.slice(-14, -7);
  const cases = (days: Course["days"]): number =>
    days.reduce((all, { community, isolated }) => all + community + isolated, 0);
  const rt = week.at(-1)?.rt;
  const tests = course.testing.filter(({ day }) => day >= (week[0]?.day ?? ""));
  const tested = sum(tests.map((one) => one.tested));
  const positive = sum(tests.map((one) => one.positive));
  const now = cases(week);
  return [
    number(
      "week",
      t("casesWeek"),
      formatNumber(now),
      t("weekBefore", { n: formatNumber(cases(before)) }),
    ),
    number(
      "rt",
      t("rt"),
      rt?.mean == null ? "–" : formatNumber(round(rt.mean)),
      rt?.mean == null
        ? t("rtFew")
        : t("limits", {
            low: formatNumber(round(rt.low ?? 0)),
            high: formatNumber(round(rt.high ?? 0)),
          }),
    ),
    doubling(course),
    number(
      "positivity",
      t("positivityWeek"),
      tested && positive !== null ? `${formatNumber(percent(positive, tested))}%` : "–",
      tested === null
        ? t("fewHint", { n: course.fewest })
        : t("ofTests", { n: formatNumber(tested) }),
    ),
  ];
}

const round = (value: number): number => Math.round(value * 100) / 100;

function doubling({ estimate }: Course): Told {
  const growth = estimate?.growth;
  if (!growth || growth.doubling === null)
    return number("doubling", t("doubling"), "–", estimate?.why ? pick(estimate.why) : t("rtFew"));
  const { limits, doubling: days } = growth;
  if (!limits)
    return number("doubling", t("doubling"), t("steady"), t("steadyHint", { n: growth.days }));
  const [low, high] = limits.map(Math.abs).sort((a, b) => a - b) as [number, number];
  return number(
    "doubling",
    t(days > 0 ? "doubling" : "halving"),
    t("daysLong", { n: formatNumber(Math.round(Math.abs(days) * 10) / 10) }),
    t("limits", {
      low: formatNumber(Math.round(low * 10) / 10),
      high: formatNumber(Math.round(high * 10) / 10),
    }),
  );
}

function number(id: string, title: string, value: string, about: string): Told {
  return { id, title, value, about };
}

/** The curve, the reproduction number and testing, each with its table to download. */
export function charts(course: Course, span: number): HTMLElement[] {
  const days = course.days.map(({ day }) => day);
  const rt = (name: "mean" | "low" | "high"): (number | null)[] =>
    course.days.map((day) => day.rt?.[name] ?? null);
  const share = days.map((_, i) => {
    // What is told by week stands for each of its days.
    const meant = days.slice(i, i + course.testing_days);
    const one = course.testing.find(({ day }) => meant.includes(day));
    return one?.tested && one.positive !== null ? percent(one.positive, one.tested) : null;
  });
  const asked = query(course.unit, span);
  const until = t("until", { day: formatShortDate(course.last) });
  return [
    part(
      t("curve"),
      until,
      chart({
        label: t("curveLabel", { n: days.length }),
        days,
        bars: [
          { title: t("community"), values: course.days.map((day) => day.community) },
          { title: t("isolated"), values: course.days.map((day) => day.isolated) },
        ],
        lines: [{ title: t("smoothed"), values: course.days.map((day) => day.smoothed ?? null) }],
      }),
      `/api/epidemic/curve.csv?${asked}`,
    ),
    part(
      t("rtChart"),
      course.interval
        ? t("rtAbout", {
            mean: formatNumber(course.interval.mean_days),
            sd: formatNumber(course.interval.sd_days),
            source: course.interval.source,
          })
        : t("rtNone"),
      chart({
        label: t("rtLabel", { n: days.length }),
        days,
        lines: [{ title: t("rt"), values: rt("mean") }],
        band: { title: t("band"), low: rt("low"), high: rt("high") },
        mark: 1,
      }),
      `/api/epidemic/curve.csv?${asked}`,
    ),
    part(
      t("testing"),
      course.audience === "public" ? t("fewHint", { n: course.fewest }) : until,
      chart({
        label: t("testingLabel", { n: days.length }),
        days,
        lines: [{ title: t("positivity"), values: share }],
        unit: "%",
      }),
      `/api/epidemic/testing.csv?${asked}`,
    ),
  ];
}

function part(title: string, about: string, picture: HTMLElement, table: string): HTMLElement {
  return h(
    "section",
    { class: "epi-part" },
    h("h2", {}, title),
    h("p", { class: "epi-about" }, about),
    picture,
    download(table, title),
  );
}

/** A link to a table as CSV. */
export function download(address: string, of: string): HTMLElement {
  return h(
    "a",
    { class: "epi-download", href: address, download: "", "aria-label": t("downloadOf", { of }) },
    t("download"),
  );
}
