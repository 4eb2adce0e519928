import type { TimeTexts } from "./vi";

/** The texts of the time slider in English. */
export const en: TimeTexts = {
  title: "Over time",
  layers: "Layers that follow the time",
  layersHint: "The map shows only the features whose time lies in the chosen window.",
  window: "Window",
  day: "1 day",
  step: "Step",
  steps: "{n} days",
  slider: "Last day of the window",
  play: "Play",
  pause: "Pause",
  earlier: "One step back",
  later: "One step on",
  speed: "Frames/s",
  slow: "This device asks for less motion: 1 frame/s at most.",
  found: "{n} features in this window",
  none: "No layer is chosen, or the chosen layers have no data.",
  loading: "Counting by day…",
  failed: "The days could not be counted: the server does not answer.",
  stays: "The map still shows only: {window}. Open the tool again to show all times.",
  clear: "Show all times",
  zone: "Days are those of {zone}.",
};
