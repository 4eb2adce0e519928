import { type Language, language, translator } from "../locale";
import { en } from "../texts/team/en";
import { type TeamTexts, vi } from "../texts/team/vi";

/** A text of the team page's catalogue, its {places} filled. */
export const t = translator<keyof TeamTexts>({ vi, en });

const TAGS: Record<Language, string> = { vi: "vi-VN", en: "en-GB" };

/** How long ago something was, as people say it. */
export function age(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 1) return t("justNow");
  if (minutes < 60) return t("minutesAgo", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return t("hoursAgo", { n: hours, m: minutes % 60 });
  return t("daysAgo", { n: Math.floor(hours / 24) });
}

/** A distance as people say it. */
export function metres(length: number): string {
  const kilometres = length >= 1000;
  return new Intl.NumberFormat(TAGS[language()], {
    style: "unit",
    unit: kilometres ? "kilometer" : "meter",
    unitDisplay: "short",
    ...(kilometres && length < 10_000
      ? { maximumFractionDigits: 1 }
      : { maximumFractionDigits: 0 }),
  }).format(kilometres ? length / 1000 : Math.round(length / 10) * 10);
}

/** The time of day by this device's clock. */
export function clock(instant: number | string): string {
  return new Intl.DateTimeFormat(TAGS[language()], {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(new Date(instant));
}
