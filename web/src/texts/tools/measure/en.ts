import type { MeasureTexts } from "./vi";

export const en: MeasureTexts = {
  title: "Measure",
  what: "What to measure",
  distance: "Distance",
  area: "Area",
  hintStart: "Click the map to set points.",
  keyHint: "By keyboard: move the map, and press Enter to set a point at the cross.",
  hintGoOn: "Double-click, or press Enter again at the same place, to finish.",
  middle: "Set a point at the cross",
  undo: "Remove the last point",
  finish: "Done",
  again: "Start again",
  total: "Total length",
  last: "Last leg",
  perimeter: "Perimeter",
  points: "Points",
  full: "At most {n} points can be measured.",
  crossed: "The sides cross each other: this area has no meaning.",
  accuracy: "On the WGS 84 ellipsoid, along the shortest way between points.",
};
