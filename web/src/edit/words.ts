import { formatNumber, formatValue } from "../format";
import { language } from "../locale";
import { type Fault, type FormColumn, kindOf, sentOf } from "./fields";
import { Refusal } from "./server";
import { metres, pointOf, vertices } from "./shapes";
import { tx } from "./texts";

const KM = 1000;
const PLACES = 5;

/** A fault that the form found itself, in words. */
export function faultWords({ text, values = {} }: Fault): string {
  const written = Object.entries(values).map(([name, n]) => [name, formatNumber(n)]);
  return tx(text, Object.fromEntries(written));
}

/** What the server's refusal means as a whole; the faults of single columns stand beside them. */
export function refusalWords(error: unknown): string {
  if (!(error instanceof Refusal)) return tx("failed");
  switch (error.status) {
    case 0:
      return tx("noAnswer");
    case 401:
      return tx("signedOut");
    case 403:
      return tx("notAllowed");
    case 404:
    case 410:
      return tx("gone");
    case 409:
      return tx("conflicts");
    case 413:
      return tx("tooLarge");
    case 422:
      return tx("rulesBroken");
    case 429:
    case 503:
      return tx("busy");
    default:
      return tx("failed");
  }
}

/** The faults that the server found, by column, in the language in use. */
export function columnFaults(error: unknown): Map<string, string> {
  const found = new Map<string, string>();
  if (!(error instanceof Refusal)) return found;
  for (const { column, rule } of error.errors) {
    const name = column ?? "";
    const said = rule[language()];
    const before = found.get(name);
    found.set(name, before ? `${before}; ${said}` : sentence(said));
  }
  return found;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A value as people read it; a word for none. */
export function valueWords(column: FormColumn, value: unknown, zone: string): string {
  return formatValue(column, value, zone) ?? tx("empty");
}

/** What a form's control holds, as people read it. */
export function rawWords(column: FormColumn, raw: string): string {
  // A wall clock's time is what it is, wherever the device stands.
  const isMoment = kindOf(column) === "moment" && raw !== "";
  return valueWords(column, isMoment ? `${raw}Z` : sentOf(column, raw), "UTC");
}

/** A length as people say it. */
export function lengthWords(length: number): string {
  if (length < KM) return `${formatNumber(Math.round(length))} m`;
  return `${formatNumber(Math.round(length / 10) / 100)} km`;
}

/** A geometry in words: where a point is, how many vertices another has. */
export function shapeWords(geometry: GeoJSON.Geometry | null): string {
  if (!geometry) return tx("empty");
  const at = pointOf(geometry);
  if (at) return `${at[1].toFixed(PLACES)}, ${at[0].toFixed(PLACES)}`;
  return tx("vertices", { n: formatNumber(vertices(geometry).length) });
}

/** What became of a geometry, in words. */
export function moveWords(before: GeoJSON.Geometry | null, after: GeoJSON.Geometry | null): string {
  const [from, to] = [pointOf(before), pointOf(after)];
  if (from && to) return tx("movedBy", { length: lengthWords(metres(from, to)) });
  return `${shapeWords(before)} → ${shapeWords(after)}`;
}
