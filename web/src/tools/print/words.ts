import type { Column, LayerConfig } from "../../config";
import { formatInstant, formatShortDate } from "../../format";
import { pick } from "../../language";
import { dayOf, startOf } from "../windows/zone";

/** Words of the language in use that conditions are said with. */
export interface ConditionWords {
  from(first: string): string;
  until(last: string): string;
  and: string;
  or: string;
  not: string;
  in: string;
  like: string;
  between: string;
  is: string;
  empty: string;
  inArea: string;
}

/** One end of an interval: a day if it is the day's first or last moment, else the instant. */
function end(text: string, zone: string, isLast: boolean): string {
  const moment = new Date(text);
  const day = dayOf(moment, zone);
  const edge = isLast ? new Date(moment.getTime() + 1) : moment;
  const whole = edge.getTime() === startOf(dayOf(edge, zone), zone).getTime();
  return whole ? formatShortDate(day) : formatInstant(text, zone);
}

/** A `datetime` of OGC API in words, in the province's zone. */
export function timeWords(datetime: string, zone: string, words: ConditionWords): string {
  const [first = "", last = first] = datetime.split("/");
  const open = (text: string): boolean => text === "" || text === "..";
  if (open(first)) return words.until(end(last, zone, true));
  const start = end(first, zone, false);
  if (open(last)) return words.from(start);
  const stop = end(last, zone, true);
  return start === stop ? start : `${start} – ${stop}`;
}

const TOKEN = /'(?:[^']|'')*'|"[^"]+"|[A-Za-z_]\w*|[<>=]+|-?\d+(?:\.\d+)?|\S/g;
const SIGNS: Record<string, string> = { "<>": "≠", ">=": "≥", "<=": "≤" };

/**
 * A CQL2 text in the words of the layer's record: columns and codes by their titles. What has no
 * words of its own, such as a function, is written as it is.
 */
export function filterWords(filter: string, layer: LayerConfig, words: ConditionWords): string {
  const spoken: Record<string, string> = {
    AND: words.and,
    OR: words.or,
    NOT: words.not,
    IN: words.in,
    LIKE: words.like,
    BETWEEN: words.between,
    IS: words.is,
    NULL: words.empty,
  };
  const columns = new Map(layer.columns.map((column) => [column.name, column]));
  const said: string[] = [];
  let column: Column | undefined;
  const tokens = filter.match(TOKEN) ?? [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? "";
    const found = columns.get(token.replace(/^"|"$/g, ""));
    if (/^s_\w+$/i.test(token)) {
      at = closing(tokens, at + 1);
      said.push(words.inArea);
    } else if (token.startsWith("'")) {
      const value = token.slice(1, -1).replaceAll("''", "'");
      const codes = column?.codes;
      const code = codes && Object.hasOwn(codes, value) ? codes[value] : undefined;
      said.push(code ? pick(code) : value);
    } else if (found) {
      column = found;
      said.push(pick(found.title));
    } else said.push(spoken[token.toUpperCase()] ?? SIGNS[token] ?? token);
  }
  return said
    .join(" ")
    .replace(/\( /g, "(")
    .replace(/ ([),])/g, "$1");
}

/** Where the bracket that opens at a token is closed. */
function closing(tokens: readonly string[], at: number): number {
  let depth = 0;
  for (let i = at; i < tokens.length; i++) {
    if (tokens[i] === "(") depth++;
    if (tokens[i] === ")" && --depth === 0) return i;
  }
  return tokens.length;
}
