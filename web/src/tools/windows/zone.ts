// Days of the province's own zone. A day is a text `YYYY-MM-DD`, so that no other zone can slip in.

export type Day = string;

const DAY_MS = 86_400_000;

function utc(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** Whether a text is a day that there is. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && addDays(text, 0) === text;
}

/** The day that many days later; earlier for a negative number. Empty for what is no day. */
export function addDays(day: Day, days: number): Day {
  const moment = new Date(utc(day) + days * DAY_MS);
  return Number.isNaN(moment.getTime()) ? "" : moment.toISOString().slice(0, 10);
}

/** How many days one day is after another. */
export function daysBetween(first: Day, last: Day): number {
  return Math.round((utc(last) - utc(first)) / DAY_MS);
}

/** The day on which an instant falls in a zone. */
export function dayOf(instant: Date, zone: string): Day {
  // The Swedish way to write a day is that of ISO 8601.
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(instant);
}

/** Milliseconds by which a zone's clocks are ahead of UTC at an instant. */
function offset(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(instant);
  const at = (type: string): string => parts.find((part) => part.type === type)?.value ?? "00";
  const local = `${at("year")}-${at("month")}-${at("day")}T${at("hour")}:${at("minute")}:${at("second")}Z`;
  return Date.parse(local) - Math.floor(instant / 1000) * 1000;
}

/** The instant at which a day begins in a zone, also where clocks are changed that night. */
export function startOf(day: Day, zone: string): Date {
  const midnight = utc(day);
  const guess = midnight - offset(midnight, zone);
  return new Date(midnight - offset(guess, zone));
}

/**
 * The `datetime` of OGC API Features from the first instant of a day to the last of another; a
 * first day of null leaves it open. Intervals are closed, and the server keeps microseconds.
 */
export function dayInterval(first: Day | null, last: Day, zone: string): string {
  const start = first === null ? ".." : startOf(first, zone).toISOString().replace(".000Z", "Z");
  const next = startOf(addDays(last, 1), zone).getTime();
  return `${start}/${new Date(next - 1).toISOString().replace("Z", "999Z")}`;
}
