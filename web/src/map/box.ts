import type { Box } from "../config";

/** The smallest box around a geometry; null if it has no position. */
export function boxOf(geometry: GeoJSON.Geometry | null): Box | null {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  const visit = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    const [x, y] = part as unknown[];
    if (typeof x === "number" && typeof y === "number") {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    } else for (const inner of part) visit(inner);
  };
  if (geometry?.type === "GeometryCollection")
    for (const part of geometry.geometries) visit("coordinates" in part ? part.coordinates : null);
  else visit(geometry?.coordinates);
  return box[0] <= box[2] ? box : null;
}

/** Whether a position lies in a box. */
export function inBox([x, y]: readonly [number, number], box: Box): boolean {
  return x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3];
}
