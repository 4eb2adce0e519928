import type { Column } from "../../config";
import { all, containing, property, text } from "../../map/cql2";

/** What a person asks of one column. */
export type Condition =
  /** One of these codes; null stands for a missing value. */
  | { kind: "codes"; values: readonly (string | null)[] }
  | { kind: "flag"; value: boolean }
  /** A number from and to, both included. */
  | { kind: "numbers"; from: number | null; to: number | null }
  /** A day (`YYYY-MM-DD`) from and to, both included, in the province's zone. */
  | { kind: "days"; from: string | null; to: string | null }
  /** Letters that a text holds, without regard to case and accents. */
  | { kind: "words"; letters: string };

export type Conditions = ReadonlyMap<string, Condition>;

const DAY_MS = 86_400_000;
const NEXT = 1;

/** A day some days later. */
function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The first instant of a day in a zone, RFC 3339 with the zone's offset about that time. */
export function midnight(day: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  const name = parts
    .formatToParts(new Date(`${day}T00:00:00Z`))
    .find(({ type }) => type === "timeZoneName")?.value;
  return `${day}T00:00:00${name?.slice(3) || "+00:00"}`;
}

/** One column's condition as CQL2 text; null where it asks for nothing. */
function written(column: Column, condition: Condition, timeZone: string): string | null {
  const name = property(column.name);
  if (condition.kind === "codes") return writtenCodes(name, condition.values);
  if (condition.kind === "flag") return `${name} = ${condition.value ? "TRUE" : "FALSE"}`;
  if (condition.kind === "words") {
    if (condition.letters.replaceAll("\\", "").trim() === "") return null;
    return `CASEI(ACCENTI(${name})) LIKE CASEI(ACCENTI(${containing(condition.letters)}))`;
  }
  const { from, to } = condition;
  if (condition.kind === "numbers")
    return all([
      from === null ? null : `${name} >= ${from}`,
      to === null ? null : `${name} <= ${to}`,
    ]);
  if (column.format === "date")
    return all([
      from === null ? null : `${name} >= DATE('${from}')`,
      to === null ? null : `${name} <= DATE('${to}')`,
    ]);
  const instant = (day: string): string => `TIMESTAMP('${midnight(day, timeZone)}')`;
  return all([
    condition.from === null ? null : `${name} >= ${instant(condition.from)}`,
    condition.to === null ? null : `${name} < ${instant(dayAfter(condition.to, NEXT))}`,
  ]);
}

function writtenCodes(name: string, values: readonly (string | null)[]): string | null {
  const codes = values.filter((one): one is string => one !== null);
  const missing = codes.length < values.length ? `${name} IS NULL` : null;
  let listed: string | null = null;
  if (codes.length === 1) listed = `${name} = ${text(codes[0] ?? "")}`;
  else if (codes.length > 1) listed = `${name} IN (${codes.map(text).join(", ")})`;
  return listed !== null && missing !== null ? `(${listed} OR ${missing})` : (listed ?? missing);
}

/** The conditions as one CQL2 text, in the order of the columns; null if nothing is asked. */
export function writeFilter(
  columns: readonly Column[],
  conditions: Conditions,
  timeZone: string,
): string | null {
  return all(
    columns.map((column) => {
      const condition = conditions.get(column.name);
      return condition ? written(column, condition, timeZone) : null;
    }),
  );
}

/**
 * The conditions that `writeFilter` wrote as this text; null for any other text, which a person
 * or a program made and which these forms cannot show.
 */
export function readFilter(
  filter: string,
  columns: readonly Column[],
  timeZone: string,
): Conditions | null {
  const conditions = new Map<string, Condition>();
  for (const part of conjuncts(filter)) {
    const column = columns.find(({ name }) => part.includes(property(name)) && owns(part, name));
    const found = column && read(part, column, conditions.get(column.name));
    if (!column || !found) return null;
    conditions.set(column.name, found);
  }
  return writeFilter(columns, conditions, timeZone) === filter ? conditions : null;
}

/** The parts of a filter between the ANDs that stand outside of parentheses and texts. */
function conjuncts(filter: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const match of filter.matchAll(/'(?:''|\\'|[^'])*'|"(?:""|[^"])+"|[()]| AND /g)) {
    if (match[0] === "(") depth++;
    else if (match[0] === ")") depth--;
    else if (match[0] === " AND " && depth === 0) {
      parts.push(filter.slice(start, match.index));
      start = match.index + match[0].length;
    }
  }
  return [...parts, filter.slice(start)];
}

/** Whether a part of a filter begins with this property. */
function owns(part: string, name: string): boolean {
  const bare = part.replace(/^\(?(CASEI\(ACCENTI\()?/, "");
  const wanted = property(name);
  return bare.startsWith(wanted) && /^[ )]/.test(bare.slice(wanted.length));
}

/** What one part of a filter asks of its column, joined with what earlier parts did. */
function read(part: string, column: Column, before: Condition | undefined): Condition | null {
  const rest = part.slice(part.indexOf(property(column.name)) + property(column.name).length);
  if (part.startsWith("CASEI(")) {
    const pattern = unquoted(/'(.*)'/s.exec(rest)?.[1] ?? "");
    return { kind: "words", letters: pattern.slice(1, -1).replace(/\\([%_])/g, "$1") };
  }
  if (rest === " = TRUE" || rest === " = FALSE") return { kind: "flag", value: rest === " = TRUE" };
  if (/^ (= '|IN \(|IS NULL)/.test(rest)) {
    const codes: (string | null)[] = [...rest.matchAll(/'((?:''|[^'])*)'/g)].map((one) =>
      unquoted(one[1] ?? ""),
    );
    return { kind: "codes", values: / IS NULL\)?$/.test(rest) ? [...codes, null] : codes };
  }
  const [, sign, value] = /^ (>=|<=|<) (.+)$/.exec(rest) ?? [];
  if (sign === undefined || value === undefined) return null;
  const side = sign === ">=" ? "from" : "to";
  const day = /'(\d{4}-\d\d-\d\d)/.exec(value)?.[1];
  if (day === undefined) {
    const kept =
      before?.kind === "numbers" ? before : { kind: "numbers" as const, from: null, to: null };
    return { ...kept, [side]: Number(value) };
  }
  const kept = before?.kind === "days" ? before : { kind: "days" as const, from: null, to: null };
  return { ...kept, [side]: sign === "<" ? dayAfter(day, -NEXT) : day };
}

function unquoted(inner: string): string {
  return inner.replaceAll("''", "'");
}
