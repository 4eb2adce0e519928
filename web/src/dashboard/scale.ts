// Classes of the map and steps of the charts: numbers only, nothing drawn.
import type { Theme } from "../theme";
import type { Area, Kind } from "./data";

/** YlGnBu of ColorBrewer in five classes (Brewer, 2003): its order is seen without telling hues apart. */
export const SHADES = ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"] as const;

/** The colours that are no shade of a class: a zero, what is not told, the border of the chosen area. */
export interface Palette {
  zero: string;
  hidden: string;
  chosen: string;
}

const PALETTES: Record<Theme, Palette> = {
  light: { zero: "#ffffff", hidden: "#b9bec2", chosen: "#17242f" },
  dark: { zero: "#10181e", hidden: "#57636c", chosen: "#ffffff" },
};

export function palette(theme: Theme): Palette {
  return PALETTES[theme];
}

/** The shades for a number of classes, from the one nearest to the ground's to the farthest. */
export function shades(classes: number, theme: Theme): string[] {
  const ordered = theme === "dark" ? [...SHADES].reverse() : SHADES;
  return Array.from({ length: classes }, (_, i) => {
    const at = classes === 1 ? 2 : Math.round((i * (ordered.length - 1)) / (classes - 1));
    return ordered[at] ?? SHADES[0];
  });
}

/** The class of a value above 0: `limits` has the lower limit of each class, then the largest value. */
export function classOf(limits: readonly number[], value: number): number {
  for (let i = limits.length - 2; i > 0; i--) if (value >= (limits[i] ?? Infinity)) return i;
  return 0;
}

/** The colour of an area. */
export function colourOf(
  area: Area,
  measure: string,
  kind: Kind,
  limits: readonly number[],
  theme: Theme,
): string {
  return shadeOf(area[kind][measure], limits, theme);
}

/** The colour of a value. */
export function shadeOf(
  value: number | null | undefined,
  limits: readonly number[],
  theme: Theme,
): string {
  const { zero, hidden } = palette(theme);
  if (value === null || value === undefined) return hidden;
  if (value === 0) return zero;
  return shades(limits.length - 1, theme)[classOf(limits, value)] ?? hidden;
}

/** The first and the last value of each class; of whole numbers the classes do not overlap. */
export function ranges(limits: readonly number[], whole: boolean): [number, number][] {
  return limits.slice(0, -1).map((low, i) => {
    const next = limits[i + 1] ?? low;
    const last = i === limits.length - 2;
    return [low, whole && !last ? Math.max(low, next - 1) : next];
  });
}

/** Steps of an axis from 0 to the first above the largest value: 1, 2 or 5 times a power of ten. */
export function steps(most: number, wanted = 4): number[] {
  const rough = Math.max(1, most) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power);
  const count = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: count + 1 }, (_, i) => i * step);
}
