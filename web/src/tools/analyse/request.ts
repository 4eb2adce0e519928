// What a person asks of a process: its fields, and the inputs that they make.
import type { LayerConfig } from "../../config";
import type { Day } from "../windows/zone";

/** The processes of the tool, with the layer that shows what each finds; none: for staff alone. */
export const PROCESSES = [
  ["hotspots", "hotspots"],
  ["emerging-hotspots", "emerging_hotspots"],
  ["local-moran", "local_moran"],
  ["clusters", "event_clusters"],
  ["scan", "scan_clusters"],
  ["coverage-gap", "coverage_gaps"],
  ["flows", null],
] as const;
/** Days of flows at most. */
export const MOST_DAYS = 31;
export type ProcessId = (typeof PROCESSES)[number][0];

export type By = "commune" | "district" | "hexagon" | "square";

/** What is chosen in the tool. Lengths in metres; null where the server chooses. */
export interface Request {
  process: ProcessId;
  layer: string;
  by: By;
  size: number | null;
  value: string;
  distance: number | null;
  stepDays: number;
  /** The days of flows, and the fewest persons of one that is told. */
  first: Day;
  last: Day;
  fewest: number;
  narrowed: boolean;
  asPublic: boolean;
}

const CELLS: readonly ProcessId[] = ["hotspots", "emerging-hotspots", "local-moran"];

/** Whether a process is for staff alone, so that nothing it finds is ever public. */
export function isForStaff(process: string): boolean {
  return PROCESSES.some(([id, collection]) => id === process && collection === null);
}

/** The cells that a process counts in. */
export function cellsOf(process: ProcessId): readonly By[] {
  if (CELLS.includes(process)) return ["commune", "district", "hexagon", "square"];
  return process === "clusters" ? [] : ["commune", "district"];
}

/** Whether a grid's size is asked for. */
export function hasSize({ process, by }: Request): boolean {
  return CELLS.includes(process) && (by === "hexagon" || by === "square");
}

/** The values that a process can compare: counts, the rate by population, means of columns. */
export function valuesOf(request: Request, layer: LayerConfig | undefined): string[] {
  if (request.process !== "hotspots" && request.process !== "local-moran") return [];
  const numbers = (layer?.columns ?? [])
    .filter(({ name, type, codes }) => /^(integer|number)$/.test(type) && !codes && name !== "id")
    .map(({ name }) => name);
  return ["count", ...(hasSize(request) ? [] : ["rate"]), ...numbers];
}

/** Whether a distance is asked for, and whether there must be one. */
export function distanceOf(process: ProcessId): "none" | "may" | "must" {
  if (process === "coverage-gap") return "must";
  return process === "clusters" ? "may" : "none";
}

/** The inputs of a request, as the process takes them. */
export function inputsOf(
  request: Request,
  query: { filter: string | null; datetime: string | null },
): Record<string, unknown> {
  if (request.process === "flows") {
    const { by, first, last, fewest } = request;
    return { by, first, last, fewest };
  }
  const inputs: Record<string, unknown> = { layer: request.layer };
  if (request.narrowed && query.filter !== null) inputs.filter = query.filter;
  if (request.narrowed && query.datetime !== null) inputs.datetime = query.datetime;
  if (cellsOf(request.process).includes(request.by)) inputs.by = request.by;
  if (hasSize(request) && request.size !== null) inputs.size_m = request.size;
  if (valuesOf(request, undefined).length > 0) inputs.value = request.value;
  if (distanceOf(request.process) !== "none" && request.distance !== null)
    inputs.distance_m = request.distance;
  if (request.process === "emerging-hotspots") inputs.step_days = request.stepDays;
  return inputs;
}
