// The texts of the dashboard, and its numbers as people read them.
import { formatNumber } from "../format";
import { language, translator } from "../locale";
import { en } from "../texts/dashboard/en";
import { type Texts, vi } from "../texts/dashboard/vi";

export const t = translator<keyof Texts>({ vi, en });

const UNITS: Record<string, keyof Texts> = {
  "{request}": "requestUnit",
  "{person}": "personUnit",
  "{room}": "roomUnit",
  "{dose}": "doseUnit",
  "{bed}": "bedUnit",
  "{point}": "pointUnit",
  "{pass}": "passUnit",
  "{declaration}": "declarationUnit",
  "{document}": "documentUnit",
  "{device}": "deviceUnit",
  "{meeting}": "meetingUnit",
};

/** The word of a unit that stands beside a number; empty where the number says it itself. */
export function unitWord(unit: string): string {
  const key = UNITS[unit];
  return key ? t(key) : "";
}

/** A number without the word of its unit; minutes as hours and minutes. */
export function formatFigure(value: number, unit: string): string {
  if (unit === "%") return `${formatNumber(value)}%`;
  if (unit !== "min") return formatNumber(value);
  const minutes = Math.round(value);
  if (minutes < 60) return t("minutes", { m: minutes });
  return t("hoursMinutes", { h: formatNumber(Math.floor(minutes / 60)), m: minutes % 60 });
}

/** A number with its unit. */
export function formatWhole(value: number, unit: string): string {
  const word = unitWord(unit);
  return formatFigure(value, unit) + (word ? `\u00a0${word}` : "");
}

/** A day of the year, from `YYYY-MM-DD`. */
export function formatDay(day: string): string {
  const [, month = "", date = ""] = day.split("-");
  return language() === "en"
    ? new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }).format(
        new Date(`${day}T00:00:00Z`),
      )
    : `${date}/${month}`;
}
