import type { LayerConfig } from "../../config";
import { pick } from "../../language";
import { translator } from "../../locale";
import { en } from "../../texts/tools/windows/en";
import { vi } from "../../texts/tools/windows/vi";
import { firstDay, type TimeWindow, WINDOW_NAMES, type WindowName } from "./windows";

const t = translator({ vi, en });

/** The windows with their names, for a list of choices. */
export function windowChoices(): (readonly [WindowName, string])[] {
  return WINDOW_NAMES.map((name) => [name, t(name)] as const);
}

/** The days of a window, each written by `format`. */
export function windowWords(window: TimeWindow, format: (day: string) => string): string {
  const first = firstDay(window);
  const last = format(window.last);
  if (first === null) return t("upTo", { last });
  return first === window.last ? last : t("shown", { first: format(first), last });
}

/** A layer and what its time is: the title of its column, or of both ends. */
export function timedLayer(layer: LayerConfig, isOn: boolean): string {
  const names = layer.time?.columns ?? [];
  const columns = layer.columns.filter(({ name }) => names.includes(name));
  const title = pick(layer.title);
  return t("of", {
    layer: isOn ? title : t("layerOff", { layer: title }),
    time: columns.map((column) => pick(column.title)).join(" – "),
  });
}
