// Which way the device is held, so that arrows point the way on the ground.

/** What iOS adds to the standard: the heading itself, and that it has to be asked for. */
interface AppleOrientation extends DeviceOrientationEvent {
  webkitCompassHeading?: number;
}
type Asking = typeof DeviceOrientationEvent & {
  requestPermission?(): Promise<"granted" | "denied">;
};

/** Less is not worth turning for: about what a phone is wrong by at rest. */
export const TURNED = 4;

/**
 * The heading of a measurement in degrees from north over east, for a screen that is turned by an
 * angle; null where it is not measured against north.
 */
export function headingOf(event: DeviceOrientationEvent, screenAngle: number): number | null {
  const apple = (event as AppleOrientation).webkitCompassHeading;
  if (typeof apple === "number") return (apple + screenAngle + 360) % 360;
  if (!event.absolute || event.alpha === null) return null;
  return (360 - event.alpha + screenAngle + 360) % 360;
}

/** The angle between two headings, 0 to 180. */
export function between(a: number, b: number): number {
  const angle = Math.abs(a - b) % 360;
  return angle > 180 ? 360 - angle : angle;
}

/** Follows the heading of the device, where it has one and tells it. */
export class Compass {
  heading: number | null = null;
  readonly #turned: () => void;
  #asked = false;

  /** @param turned is called after each turn that can be seen. */
  constructor(turned: () => void) {
    this.#turned = turned;
    this.#listen();
  }

  /** Whether the person may have to be asked first, by a tap. */
  get mustAsk(): boolean {
    const asks = typeof asking()?.requestPermission === "function";
    return asks && !this.#asked && this.heading === null;
  }

  /** Asks the person; to be called from a tap. */
  async ask(): Promise<void> {
    await asking()
      ?.requestPermission?.()
      .catch(() => undefined);
    this.#asked = true;
    this.#turned();
  }

  #listen(): void {
    const hear = (event: Event): void => {
      const angle = screen.orientation?.angle ?? 0;
      const heading = headingOf(event as DeviceOrientationEvent, angle);
      if (heading === null) return;
      if (this.heading !== null && between(heading, this.heading) < TURNED) return;
      this.heading = heading;
      this.#turned();
    };
    addEventListener("deviceorientationabsolute", hear);
    addEventListener("deviceorientation", hear);
  }
}

function asking(): Asking | null {
  return "DeviceOrientationEvent" in globalThis ? (DeviceOrientationEvent as Asking) : null;
}
