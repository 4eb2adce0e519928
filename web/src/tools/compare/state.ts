import { readWindow, type TimeWindow, writeWindow } from "../windows/windows";

/** What is compared: two windows of the same length, and where the divider stands. */
export interface CompareState {
  a: TimeWindow;
  b: TimeWindow;
  /** Percent of the map's width that A takes. */
  divider: number;
  layers: string[];
}

/** A position of the divider within the map. */
export function clamped(percent: number): number {
  return Math.round(Math.min(95, Math.max(5, percent)));
}

/** The state as the address keeps it: both windows, the divider, the layers. */
export function writeState({ a, b, divider, layers }: CompareState): string {
  return [writeWindow(a), writeWindow(b), divider, ...layers].join("~");
}

/** The state of an address; null if there is none that can be understood. */
export function readState(text: string | null, known: readonly string[]): CompareState | null {
  const [first = "", second = "", divider, ...layers] = (text ?? "").split("~");
  const a = readWindow(first);
  const b = readWindow(second);
  if (!a || !b) return null;
  return {
    a,
    b: { ...b, name: a.name },
    divider: clamped(Number(divider) || 50),
    layers: layers.filter((id) => known.includes(id)),
  };
}
