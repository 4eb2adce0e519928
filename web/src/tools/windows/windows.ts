// Windows of time that end on a day: what the time slider and the comparison of two dates show.
import { addDays, type Day, dayInterval, isDay } from "./zone";

export const WINDOW_NAMES = ["day", "days3", "week", "month", "all"] as const;
export type WindowName = (typeof WINDOW_NAMES)[number];

/** The days of each window; null for all days up to the last one. */
const DAYS: Record<WindowName, number | null> = {
  day: 1,
  days3: 3,
  week: 7,
  month: 30,
  all: null,
};

export interface TimeWindow {
  last: Day;
  name: WindowName;
}

/** The first day of a window; null if it begins with the first of all. */
export function firstDay({ last, name }: TimeWindow): Day | null {
  const days = DAYS[name];
  return days === null ? null : addDays(last, 1 - days);
}

/** The window as a `datetime` of OGC API, its days being those of a zone. */
export function windowInterval(window: TimeWindow, zone: string): string {
  return dayInterval(firstDay(window), window.last, zone);
}

/** A window as an address has it. */
export function writeWindow({ last, name }: TimeWindow): string {
  return `${last}_${name}`;
}

/** The window of an address; null if it is none. */
export function readWindow(text: string): TimeWindow | null {
  const [last = "", name = ""] = text.split("_");
  return isDay(last) && name in DAYS ? { last, name: name as WindowName } : null;
}
