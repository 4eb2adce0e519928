// Why an area of a result has its colour, in sentences with its numbers.
import { formatNumber } from "../../format";
import { explainFlow } from "./flows";
import { listOf, type Properties, type Source } from "./result";
import { t } from "./text";

/** What there is to say of one area. */
export interface Explanation {
  heading: string;
  sentences: string[];
  warnings: string[];
}

/** Deviates beyond which 95 of 100 do not lie. */
const BEYOND = 1.96;
/** People that a rate is told for. */
const PEOPLE = 1000;
const MORAN = {
  high_high: "moranHighHigh",
  low_low: "moranLowLow",
  high_low: "moranHighLow",
  low_high: "moranLowHigh",
} as const;

/**
 * Explains an area.
 *
 * @param title what its class is called.
 */
export function explain(area: Properties, source: Source, title: string): Explanation {
  if (source.process === "flows") return explainFlow(area, source);
  const told = SENTENCES[source.process]?.(area, source, title) ?? [title];
  return { heading: t(heading(String(area.class))), sentences: told, warnings: warnings(area) };
}

function heading(kind: string): "whyHot" | "whyCold" | "whyOther" {
  if (/^hot_|^high_high$|^significant$/.test(kind)) return "whyHot";
  return /^cold_|^low_low$/.test(kind) ? "whyCold" : "whyOther";
}

type Sentences = (area: Properties, source: Source, title: string) => string[];

const SENTENCES: Record<string, Sentences> = {
  hotspots: (area, source, title) => [
    compared(area, source),
    ...tested(area, () => {
      const side = t(String(area.class).startsWith("hot_") ? "sideHigh" : "sideLow");
      const share = formatNumber(100 - Number(String(area.class).slice(-2)));
      const corrected = source.inputs.correction !== "none";
      return [
        t("hotspotTold", { class: title, side }),
        corrected ? t("falseShare", { share }) : t("uncorrected"),
      ];
    }),
    ...numbers(area),
    ...meaning(area, source),
  ],
  "local-moran": (area, source) => [
    compared(area, source),
    ...tested(area, () => {
      const text = MORAN[String(area.class) as keyof typeof MORAN];
      return text ? [t(text)] : [];
    }),
    ...numbers(area),
  ],
  "emerging-hotspots": (area, source, title) => {
    const z = listOf(area.z_by_step);
    const counted = (test: (one: number) => boolean): string =>
      formatNumber(z.filter((one) => one !== null && test(one)).length);
    return [
      compared(area, source),
      t("emergingTold", {
        class: title,
        hot: counted((one) => one > BEYOND),
        cold: counted((one) => one < -BEYOND),
        steps: formatNumber(z.length),
      }),
      ...trend(area),
      ...numbers(area),
      ...meaning(area, source),
    ];
  },
  clusters: (area) => [t("clusterTold", { n: number(area.n), core: number(area.core) })],
  scan: (area) => [
    t("scanTold", {
      n: number(area.n),
      expected: number(area.expected),
      risk: number(area.relative_risk),
      p: small(area.p),
    }),
  ],
  "coverage-gap": (area, source) => [
    t("gapTold", {
      people: number(area.people_beyond),
      share: number(Number(area.share_beyond) * 100),
      distance: number(source.inputs.distance_m),
    }),
  ],
};

function compared(area: Properties, source: Source): string {
  const kind = source.inputs.value ?? "count";
  const times = kind === "rate" ? PEOPLE : 1;
  const of = (value: unknown): string =>
    typeof value === "number" ? number(value * times) : number(null);
  const told = {
    value: of(area.value),
    n: number(area.n),
    around: of(area.neighbour_mean),
    mean: of(source.summary?.mean),
  };
  if (kind === "count") return t("countHere", told);
  return t(kind === "rate" ? "rateHere" : "valueHere", told);
}

function tested(area: Properties, otherwise: () => string[]): string[] {
  if (area.class === "not_computed") return [t("notComputed")];
  return area.class === "not_significant" ? [t("notSignificant")] : otherwise();
}

function trend(area: Properties): string[] {
  if (typeof area.trend_z !== "number") return [];
  const numbers = { z: number(area.trend_z), p: small(area.trend_p) };
  if (Number(area.trend_p) > 0.05) return [t("trendNone", numbers)];
  return [t(area.trend_z > 0 ? "trendUp" : "trendDown", numbers)];
}

function numbers(area: Properties): string[] {
  const tests = { p: small(area.p), q: small(area.q) };
  if (typeof area.z === "number") return [t("numbers", { z: number(area.z), ...tests })];
  return typeof area.i === "number" ? [t("numbersMoran", { i: number(area.i), ...tests })] : [];
}

/** What p is; a result without the input is of before it could be chosen, and normal. */
function meaning(area: Properties, source: Source): string[] {
  if (typeof area.p !== "number") return [];
  return [t(source.inputs.inference === "permutation" ? "pPermuted" : "pNormal")];
}

function warnings(area: Properties): string[] {
  const told: string[] = [];
  if (area.class === "not_computed" && !area.neighbours && "neighbours" in area)
    told.push(t("island"));
  if (area.edge === true) told.push(t("edge"));
  return told;
}

/** A number to three significant digits. */
function number(value: unknown): string {
  if (typeof value !== "number") return "–";
  if (Number.isInteger(value)) return formatNumber(value);
  return formatNumber(Number(value.toPrecision(Math.abs(value) >= 100 ? 4 : 3)));
}

/** A probability with its sign, also one too small to write out. */
function small(value: unknown): string {
  if (typeof value === "number" && value < 0.001) return `< ${formatNumber(0.001)}`;
  return `= ${number(value)}`;
}
