import type { Position } from "../geodesic";
import { readPath, writePath } from "../shapes";

export type Kind = "distance" | "area";

/** What is measured: a path, or the ring of an area. */
export interface Measured {
  kind: Kind;
  points: Position[];
}

export const MOST_POINTS = 500;

/** What the address keeps of a measurement; null while there is none. */
export function writeMeasured({ kind, points }: Measured): string | null {
  return points.length > 0 ? `${kind}:${writePath(points)}` : null;
}

/** The measurement that `writeMeasured` wrote; an empty one for any other text. */
export function readMeasured(text: string | null): Measured {
  const [, kind, path = ""] = /^(distance|area):(.+)$/.exec(text ?? "") ?? [];
  return {
    kind: kind === "area" ? "area" : "distance",
    points: readPath(path, MOST_POINTS) ?? [],
  };
}
