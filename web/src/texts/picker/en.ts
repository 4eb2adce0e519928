import type { PickerTexts } from "./vi";

/** The texts of the map on which a place is chosen, in English. */
export const en: PickerTexts = {
  mapLabel: "Map. Use the arrow keys to move, plus and minus to zoom.",
  mapHint: "Move the map until the cross is where help is needed, then press the button below.",
  mapZoomIn: "Zoom in",
  mapZoomOut: "Zoom out",
  mapChoose: "Choose this point",
};
