import type { LayerConfig } from "../../config";
import { fetchJson } from "../../http";
import type { LayerQueries } from "../../map/queries";
import { addDays, type Day, daysBetween } from "../windows/zone";

/** How many features there are on each day from the first on, without a gap. */
export interface Timeline {
  first: Day;
  values: number[];
}

interface Answer {
  days: Day[];
  values: number[];
}

/** Bars at most: more would be thinner than a pixel on a phone. */
const MOST_BARS = 90;

/** The features of some layers by day, under the filters of each; null where there is none. */
export async function fetchTimeline(
  layers: readonly LayerConfig[],
  queries: LayerQueries,
  signal: AbortSignal,
): Promise<Timeline | null> {
  const answers = layers.map(({ id }) => {
    const parameters = new URLSearchParams({ step: "day" });
    const { filter } = queries.get(id);
    if (filter !== null) parameters.set("filter", filter);
    return fetchJson<Answer>(`/api/layers/${id}/timeline?${parameters}`, signal);
  });
  return added(await Promise.all(answers));
}

/** Several timelines as one. */
export function added(answers: readonly Answer[]): Timeline | null {
  const days = answers.flatMap(({ days }) => [days[0] ?? "", days.at(-1) ?? ""]).filter(Boolean);
  if (days.length === 0) return null;
  days.sort();
  const first = days[0] ?? "";
  const values = new Array<number>(daysBetween(first, days.at(-1) ?? first) + 1).fill(0);
  for (const answer of answers) {
    const start = answer.days[0];
    if (start === undefined) continue;
    const from = daysBetween(first, start);
    for (const [index, value] of answer.values.entries())
      values[from + index] = (values[from + index] ?? 0) + value;
  }
  return { first, values };
}

/** A bar of the histogram: some days, and the most features of one of them. */
export interface Bar {
  first: Day;
  last: Day;
  value: number;
}

/** The bars of a timeline: one a day, or one for several where there are too many days. */
export function barsOf({ first, values }: Timeline): Bar[] {
  const days = Math.ceil(values.length / MOST_BARS);
  const bars: Bar[] = [];
  for (let at = 0; at < values.length; at += days) {
    const part = values.slice(at, at + days);
    const last = addDays(first, at + part.length - 1);
    bars.push({ first: addDays(first, at), last, value: Math.max(...part) });
  }
  return bars;
}
