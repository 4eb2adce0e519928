import { readWindow, type TimeWindow, writeWindow } from "../windows/windows";

/** Days by which the slider and the play button move. */
export const STEPS = [1, 3, 7, 30] as const;
/** Frames a second. */
export const SPEEDS = [0.5, 1, 2, 4] as const;

/** What the time slider shows. */
export interface TimeState {
  window: TimeWindow;
  step: number;
  speed: number;
  layers: string[];
}

/** The state as the address keeps it: the window, the step, the speed, the layers. */
export function writeState({ window, step, speed, layers }: TimeState): string {
  return [writeWindow(window), step, speed, ...layers].join("~");
}

/** The state of an address; null if there is none that can be understood. */
export function readState(text: string | null, known: readonly string[]): TimeState | null {
  const [written = "", step, speed, ...layers] = (text ?? "").split("~");
  const window = readWindow(written);
  if (!window) return null;
  return {
    window,
    step: (STEPS as readonly number[]).includes(Number(step)) ? Number(step) : 1,
    speed: (SPEEDS as readonly number[]).includes(Number(speed)) ? Number(speed) : 1,
    layers: layers.filter((id) => known.includes(id)),
  };
}
