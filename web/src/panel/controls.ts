import { button, DRAWINGS, drawing, h } from "../dom";
import { t } from "../language";
import type { Texts } from "../texts/vi";

export interface ControlActions {
  zoomBy(steps: number): void;
  home(): void;
  /** Missing where this page may not ask for the position. */
  locate: (() => void) | null;
}

/** The buttons beside the map. */
export function controls(actions: ControlActions): HTMLElement {
  const named = (key: keyof Texts, path: string, action: () => void): HTMLButtonElement =>
    button({ class: "map-button", "aria-label": t(key), title: t(key) }, action, drawing(path));
  return h(
    "div",
    { class: "controls", role: "toolbar", "aria-orientation": "vertical" },
    h(
      "div",
      { class: "control-group" },
      named("zoomIn", DRAWINGS.plus, () => actions.zoomBy(1)),
      named("zoomOut", DRAWINGS.minus, () => actions.zoomBy(-1)),
    ),
    h(
      "div",
      { class: "control-group" },
      named("home", DRAWINGS.home, actions.home),
      actions.locate && named("locate", DRAWINGS.locate, actions.locate),
    ),
  );
}

/** Whether this page may ask the device for its position. */
export async function mayLocate(): Promise<boolean> {
  if (!isSecureContext || !("geolocation" in navigator)) return false;
  try {
    const { state } = await navigator.permissions.query({ name: "geolocation" });
    return state !== "denied";
  } catch {
    return true;
  }
}

/**
 * The device's position.
 *
 * @throws GeolocationPositionError when it is refused, unknown or takes over 10 seconds.
 */
export function position(): Promise<[number, number]> {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve([coords.longitude, coords.latitude]),
      reject,
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
    );
  });
}
