/** The texts of windows of time in Vietnamese: the catalogue that the others must match. */
export const vi = {
  day: "1 ngày",
  days3: "3 ngày",
  week: "7 ngày",
  month: "30 ngày",
  all: "Cộng dồn từ đầu",
  shown: "{first} – {last}",
  upTo: "Đến hết {last}",
  of: "{layer}: {time}",
  layerOff: "{layer} (đang tắt)",
};

export type WindowTexts = Record<keyof typeof vi, string>;
