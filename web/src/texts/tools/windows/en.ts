import type { WindowTexts } from "./vi";

/** The texts of windows of time in English. */
export const en: WindowTexts = {
  day: "1 day",
  days3: "3 days",
  week: "7 days",
  month: "30 days",
  all: "All up to then",
  shown: "{first} – {last}",
  upTo: "Up to {last}",
  of: "{layer}: {time}",
  layerOff: "{layer} (off)",
};
