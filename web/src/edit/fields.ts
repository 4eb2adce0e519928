import type { Column } from "../config";
import type { Bilingual } from "../locale";
import type { EditTexts } from "../texts/edit/vi";
import { wallTime } from "./wall-time";

/** A column as a form edits it: what `/api/forms/{layer}` says beside what the map knows. */
export interface FormColumn extends Column {
  description: Bilingual | null;
  minimum: number | null;
  maximum: number | null;
  maxLength: number | null;
  /** Whether it may be empty. */
  nullable: boolean;
  /** Whether the server writes something where nothing is given. */
  hasDefault: boolean;
  /** That something, where it is a plain value. */
  default: string | number | boolean | null;
  /** `once`: by who creates the feature. */
  write: "always" | "once" | "never";
}

/** What a form is made from. */
export interface FormRecord {
  id: string;
  geometryType: string;
  /** Whether ids are UUIDs, so that a client can make them. */
  clientIds: boolean;
  vertices: number;
  columns: FormColumn[];
}

export type Kind = "code" | "flag" | "integer" | "number" | "date" | "moment" | "text" | "long";
/** What the controls of a form hold, by column: always text. */
export type Raws = Record<string, string>;
/** A rule that a value breaks, with what to fill into its text. */
export interface Fault {
  text: keyof EditTexts;
  values?: Record<string, number>;
}

const LONG = 200;

export function kindOf(column: FormColumn): Kind {
  if (column.codes) return "code";
  if (column.type === "boolean") return "flag";
  if (column.type === "integer" || column.type === "number") return column.type;
  if (column.format === "date") return "date";
  if (column.format === "date-time") return "moment";
  return (column.maxLength ?? 0) > LONG ? "long" : "text";
}

/** The columns that a form has a field for, in the record's order. */
export function fieldsOf(record: FormRecord, creating: boolean): FormColumn[] {
  return record.columns.filter(({ write }) => write === "always" || (creating && write === "once"));
}

/** Whether a field must be filled in. */
export function isRequired(column: FormColumn, creating: boolean): boolean {
  return !column.nullable && !(creating && column.hasDefault);
}

/** A value as its control holds it; times in the zone, as a clock on the wall there shows them. */
export function rawOf(column: FormColumn, value: unknown, zone: string): string {
  if (value === null || value === undefined) return "";
  if (kindOf(column) === "moment") return wallTime(String(value), zone);
  return String(value);
}

/** What the controls of a form begin with: a feature's values, or for a new one the defaults. */
export function rawsOf(
  columns: FormColumn[],
  properties: Record<string, unknown> | null,
  zone: string,
): Raws {
  return Object.fromEntries(
    columns.map((column) => [
      column.name,
      rawOf(column, properties ? properties[column.name] : column.default, zone),
    ]),
  );
}

/** What is sent for a control. A time goes without a zone: the server takes it as the province's. */
export function sentOf(column: FormColumn, raw: string): unknown {
  const text = raw.trim();
  if (text === "") return null;
  switch (kindOf(column)) {
    case "flag":
      return text === "true";
    case "integer":
    case "number":
      return Number(text);
    case "text":
    case "long":
      return raw.normalize("NFC").trim();
    default:
      return text;
  }
}

/** The first rule of its column that a control's text breaks; null if it may be sent. */
export function faultOf(column: FormColumn, raw: string, creating: boolean): Fault | null {
  const text = raw.trim();
  if (text === "") return isRequired(column, creating) ? { text: "ruleRequired" } : null;
  switch (kindOf(column)) {
    case "integer":
      if (!/^[+-]?\d+$/.test(text)) return { text: "ruleInteger" };
      return boundFault(column, Number(text));
    case "number":
      if (!Number.isFinite(Number(text))) return { text: "ruleNumber" };
      return boundFault(column, Number(text));
    case "date":
      return /^\d{4}-\d\d-\d\d$/.test(text) ? null : { text: "ruleDate" };
    case "moment":
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? null : { text: "ruleMoment" };
    case "text":
    case "long": {
      const most = column.maxLength;
      const length = [...raw.normalize("NFC").trim()].length;
      return most !== null && length > most
        ? { text: "ruleLength", values: { n: most, length } }
        : null;
    }
    default:
      return null;
  }
}

function boundFault({ minimum, maximum }: FormColumn, value: number): Fault | null {
  if (minimum !== null && value < minimum) return { text: "ruleMinimum", values: { n: minimum } };
  if (maximum !== null && value > maximum) return { text: "ruleMaximum", values: { n: maximum } };
  return null;
}

/** The columns whose controls hold something else than before, with what is to be sent of them. */
export function changesOf(columns: FormColumn[], before: Raws, now: Raws): Record<string, unknown> {
  return Object.fromEntries(
    columns
      .filter(({ name }) => (before[name] ?? "") !== (now[name] ?? ""))
      .map((column) => [column.name, sentOf(column, now[column.name] ?? "")]),
  );
}

/** What is sent of a new feature: all that is filled in; the rest gets its default. */
export function givenOf(columns: FormColumn[], raws: Raws): Record<string, unknown> {
  const given = columns.map((column): [string, unknown] => [
    column.name,
    sentOf(column, raws[column.name] ?? ""),
  ]);
  return Object.fromEntries(given.filter(([, value]) => value !== null));
}
