import type { Column } from "./config";
import { language, pick, t } from "./language";
import type { Texts } from "./texts/vi";

/** UCUM annotations that records use for things counted, and their words here. */
const COUNTED: Record<string, keyof Texts> = {
  "{person}": "unitPerson",
  "{camera}": "unitCamera",
  "{room}": "unitRoom",
  "{star}": "unitStar",
  "{table}": "unitTable",
  "{team}": "unitTeam",
  "{dose}": "unitDose",
  "{bed}": "unitBed",
  "{device}": "unitDevice",
  "{vehicle}": "unitVehicle",
  "{case}": "unitCase",
  "{sample}/d": "unitSamplesADay",
  "/(100000.{person})": "unitPer100000",
  h: "unitHour",
  min: "unitMinute",
};
/** The unit of a year of the calendar, which is written without a separator of thousands. */
export const YEAR = "{year}";
const SIGNS: Record<string, string> = { VND: "₫", km2: "km²", m2: "m²", Cel: "°C" };

function locale(): string {
  return language() === "en" ? "en-GB" : "vi-VN";
}

/** A number as people of the language write it; a very small one by what it has of digits. */
export function formatNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.0005)
    return new Intl.NumberFormat(locale(), { maximumSignificantDigits: 2 }).format(value);
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 3 }).format(value);
}

/** A day, from `YYYY-MM-DD`. */
export function formatDate(value: string): string {
  const day = new Date(`${value}T00:00:00Z`);
  if (Number.isNaN(day.getTime())) return value;
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long", timeZone: "UTC" }).format(day);
}

/** A day in digits, from `YYYY-MM-DD`. */
export function formatShortDate(value: string): string {
  const day = new Date(`${value}T00:00:00Z`);
  const digits = { day: "2-digit", month: "2-digit", year: "numeric", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale(), digits).format(day);
}

/** An instant, in the province's own time: the hour first, as Vietnamese notices do. */
export function formatInstant(value: string, timeZone: string): string {
  const instant = new Date(value);
  if (Number.isNaN(instant.getTime())) return value;
  const hour = new Intl.DateTimeFormat(locale(), {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
  }).format(instant);
  const day = new Intl.DateTimeFormat(locale(), {
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    timeZone,
  }).format(instant);
  return `${hour}, ${day}`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago something was, in the largest unit that makes sense. */
export function formatAgo(past: number): string {
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: "always" });
  if (past < MINUTE_MS) return t("justNow");
  if (past < HOUR_MS) return words.format(-Math.floor(past / MINUTE_MS), "minute");
  if (past < DAY_MS) return words.format(-Math.floor(past / HOUR_MS), "hour");
  return words.format(-Math.floor(past / DAY_MS), "day");
}

/** A unit as people write it after a number; empty for none. */
export function formatUnit(unit: string | null): string {
  if (unit === null) return "";
  const counted = COUNTED[unit];
  const word = counted ? t(counted) : (SIGNS[unit] ?? unit.replace(/[{}]/g, ""));
  return word === "" ? "" : `\u00a0${word}`;
}

/**
 * A column's value as people read it: a code by its title, a number with its unit, a time in the
 * province's zone. Null when there is nothing to show.
 */
export function formatValue(column: Column, value: unknown, timeZone: string): string | null {
  if (value === null || value === undefined || value === "") return null;
  const text = String(value);
  const code = column.codes && Object.hasOwn(column.codes, text) ? column.codes[text] : undefined;
  if (code) return pick(code);
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  if (column.unit === YEAR) return text;
  if (typeof value === "number") return formatNumber(value) + formatUnit(column.unit);
  if (typeof value !== "string") return JSON.stringify(value);
  if (column.format === "date") return formatDate(value);
  if (column.format === "date-time") return formatInstant(value, timeZone);
  return value;
}
