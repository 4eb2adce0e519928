/** A place in degrees. */
export interface Place {
  lon: number;
  lat: number;
}

const EARTH_M = 6_371_008.8;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres between two places along a great circle. */
export function distance(from: Place, to: Place): number {
  const [a, b] = [radians(from.lat), radians(to.lat)];
  const half = (angle: number): number => Math.sin(angle / 2) ** 2;
  const h = half(b - a) + Math.cos(a) * Math.cos(b) * half(radians(to.lon - from.lon));
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The direction in which one sets out, in degrees from north over east, 0 to 360. */
export function bearing(from: Place, to: Place): number {
  const [a, b] = [radians(from.lat), radians(to.lat)];
  const turn = radians(to.lon - from.lon);
  const y = Math.sin(turn) * Math.cos(b);
  const x = Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(turn);
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
}

export const COMPASS = [
  "north",
  "northEast",
  "east",
  "southEast",
  "south",
  "southWest",
  "west",
  "northWest",
] as const;

/** The nearest of the eight points of the compass. */
export function compassPoint(degrees: number): (typeof COMPASS)[number] {
  return COMPASS[Math.round(degrees / 45) % 8] ?? "north";
}
