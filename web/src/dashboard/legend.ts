// The legend of a map of classes: a line for each colour.
import { h } from "../dom";
import type { Theme } from "../theme";
import { palette, ranges, shades } from "./scale";
import { svg } from "./svg";

function line(colour: string, label: string): HTMLElement {
  return h(
    "li",
    {},
    svg(
      "svg",
      { viewBox: "0 0 24 16", preserveAspectRatio: "none", class: "swatch", "aria-hidden": "true" },
      svg("rect", { width: 24, height: 16, fill: colour }),
    ),
    label,
  );
}

export interface Legend {
  /** The lower limit of each class, then the largest value. */
  limits: readonly number[];
  /** Whether the values are whole numbers, so that classes do not overlap. */
  whole: boolean;
  /** Of all areas; null where nothing is told. */
  values: readonly (number | null)[];
  on: Theme;
  label(low: number, high: number): string;
  zero: string;
  hidden: string;
}

/** The lines, the highest class first; those of nothing and of what is not told where there are such. */
export function legendLines(of: Legend): HTMLElement[] {
  const { zero, hidden } = palette(of.on);
  const colours = shades(Math.max(0, of.limits.length - 1), of.on);
  const classes = ranges(of.limits, of.whole).map(([low, high], i) =>
    line(colours[i] ?? hidden, of.label(low, high)),
  );
  return [
    ...classes.reverse(),
    ...(of.values.includes(0) ? [line(zero, of.zero)] : []),
    ...(of.values.includes(null) ? [line(hidden, of.hidden)] : []),
  ];
}
