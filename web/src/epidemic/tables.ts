// The units by week, and the levels of risk with the numbers they follow from.
import { h } from "../dom";
import { formatNumber, formatShortDate } from "../format";
import { pick } from "../locale";
import { type Area, type Course, type Level, type Levels, query } from "./data";
import { download } from "./figures";
import { t } from "./text";

const told = (value: number | null): string => (value === null ? "–" : formatNumber(value));

function table(caption: string, heads: string[], rows: (Node | string)[][]): HTMLElement {
  return h(
    "div",
    { class: "epi-scroll", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
      h(
        "tbody",
        {},
        ...rows.map(([first = "", ...rest]) =>
          h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((cell) => h("td", {}, cell))),
        ),
      ),
    ),
  );
}

/** The units below the one that is shown; each opens, for staff. */
export function areas(course: Course, span: number, opens: boolean): HTMLElement | null {
  if (course.areas.length === 0) return null;
  const title = t(course.unit === "" ? "byDistrict" : "byCommune");
  const name = (area: Area): Node | string => {
    if (!opens) return area.name;
    const link = h("a", { href: `#unit=${area.code}` }, area.name);
    return link;
  };
  const rate = (area: Area): string =>
    area.week === null || !area.population
      ? "–"
      : formatNumber(Math.round((1_000_000 * area.week) / area.population) / 10);
  const positivity = ({ tested, positive }: Area): string =>
    tested && positive !== null
      ? `${formatNumber(Math.round((1000 * positive) / tested) / 10)}%`
      : "–";
  const heads = [t("unit"), t("week"), t("before"), t("rate")];
  const isProvince = course.unit === "";
  return h(
    "section",
    { class: "epi-part" },
    h("h2", {}, title),
    course.audience === "public" &&
      h("p", { class: "epi-about" }, t("fewHint", { n: course.fewest })),
    table(
      title,
      isProvince ? [...heads, t("positivity")] : heads,
      course.areas.map((area) => [
        name(area),
        told(area.week),
        told(area.before),
        rate(area),
        ...(isProvince ? [positivity(area)] : []),
      ]),
    ),
    download(`/api/epidemic/areas.csv?${query(course.unit, span)}`, title),
  );
}

/** The levels of the communes, of one district if one is chosen. */
export function levels(
  { rule, titles, levels: all }: Levels,
  district: string,
): HTMLElement | null {
  if (!rule) return null;
  const shown = all.filter(
    (one) => district === "" || one.district === district || one.commune === district,
  );
  const badge = (code: string): HTMLElement => {
    const title = titles[code];
    return h("span", { class: `epi-level epi-${code}` }, title ? pick(title) : code);
  };
  const counts = Object.keys(titles)
    .map((code) => ({ code, n: shown.filter(({ level }) => level === code).length }))
    .filter(({ n }) => n > 0);
  return h(
    "section",
    { class: "epi-part epi-risk" },
    h("h2", {}, t("levels")),
    h(
      "p",
      { class: "epi-about" },
      t("levelsAbout", {
        rule: rule.id,
        day: formatShortDate(all[0]?.day ?? ""),
        days: rule.days,
      }),
      " ",
      h("a", { href: "/#on=risk_levels" }, t("onMap")),
    ),
    h(
      "ul",
      { class: "epi-counts" },
      ...counts.map(({ code, n }) => h("li", {}, badge(code), " ", h("b", {}, formatNumber(n)))),
    ),
    table(
      t("levels"),
      [t("commune"), t("level"), t("why")],
      shown.map((one) => [one.name, badge(one.level), why(one, rule, titles)]),
    ),
    h(
      "p",
      { class: "epi-about" },
      t("ruleAbout", {
        limits: rule.incidence.map(formatNumber).join(" / "),
        per: formatNumber(rule.per),
        adults: rule.adults_percent,
        elders: rule.elders_percent,
      }),
    ),
    h("p", { class: "epi-about" }, rule.source),
    download("/api/epidemic/risk.csv", t("levels")),
  );
}

function why(one: Level, rule: NonNullable<Levels["rule"]>, titles: Levels["titles"]): string {
  const parts = [
    one.cases === null
      ? t("whyFew", { n: 5 })
      : t("whyCases", {
          n: formatNumber(one.cases),
          rate: one.rate === null ? "–" : formatNumber(one.rate),
          per: formatNumber(rule.per),
        }),
    one.adults_percent === null
      ? t("whyUnknown")
      : t("whyCovered", {
          n: formatNumber(one.adults_percent),
          source: t(one.coverage_source === "doses" ? "byDoses" : "byReport", {
            day: one.coverage_day ? formatShortDate(one.coverage_day) : "–",
          }),
        }),
  ];
  if (one.is_raised) parts.push(t("whyRaised", { n: formatNumber(one.elders_percent ?? 0) }));
  const other = one.level_if_covered ? titles[one.level_if_covered] : undefined;
  if (other && one.level_if_covered !== one.level) parts.push(t("whyElse", { level: pick(other) }));
  return parts.join("; ");
}
