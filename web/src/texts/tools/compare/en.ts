import type { CompareTexts } from "./vi";

/** The texts of the comparison of two dates in English. */
export const en: CompareTexts = {
  title: "Compare two dates",
  meaning:
    "The left side shows the features whose time lies in window A, the right side those of window B. What was recorded in each window is compared, not the former state of a feature. The divider on the map parts the sides.",
  window: "Length of each window",
  first: "Last day of A",
  second: "Last day of B",
  wrongDay: "Choose a day that there is.",
  divider: "Divider between window A and window B",
  dividerAt: "Window A takes {n}% of the map",
  side: "{name}: {window}",
  rightMap: "Map of window B",
  layers: "Layers compared",
  table: "Features in each window",
  byDistrict: "By district: {layer}",
  difference: "Difference",
  layer: "Layer",
  district: "District",
  elsewhere: "Outside the province",
  districts: "Show by district",
  loading: "Counting…",
  failed: "The features could not be counted: the server does not answer.",
  none: "No layer with a time is chosen.",
  noMap: "This browser could not open a second map. The table works all the same.",
};
