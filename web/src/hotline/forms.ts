// What the three forms ask for, and what is sent of them.
import { newId } from "../sos/ids";
import type { Texts } from "./text";

export type Kind = "sos" | "declaration" | "consultation";

export interface Option {
  value: string;
  vi: string;
  en: string;
}

/** One control of a form. */
export interface Control {
  name: string;
  label: keyof Texts;
  type: "text" | "number" | "date" | "note" | "select" | "checks" | "check";
  /** The list of the server's that the options come from, or the options themselves. */
  options?: string | readonly (readonly [string, keyof Texts])[];
  least?: number;
  most?: number;
  length?: number;
  needed?: boolean;
}

/** A form that is being filled in for a caller; sending it again is sending it once. */
export interface Draft {
  id: string;
  values: Record<string, string>;
  checked: Record<string, string[]>;
  faults: Map<string, string>;
}

export interface Form {
  kind: Kind;
  label: keyof Texts;
  address: string;
  controls: readonly Control[];
}

const SEX = [
  ["female", "female"],
  ["male", "male"],
  ["other", "other"],
] as const;
const COUNT = { type: "number", least: 0, most: 10_000 } as const;

export const FORMS: readonly Form[] = [
  {
    kind: "sos",
    label: "sos",
    address: "/api/sos",
    controls: [
      { name: "category", label: "category", type: "select", options: "categories", needed: true },
      { name: "people", label: "people", ...COUNT },
      { name: "injured", label: "injured", ...COUNT },
      { name: "children", label: "children", ...COUNT },
      { name: "elderly", label: "elderly", ...COUNT },
      { name: "needs", label: "needs", type: "text", length: 400 },
      { name: "note", label: "note", type: "note", length: 4000 },
    ],
  },
  {
    kind: "declaration",
    label: "declaration",
    address: "/api/declarations",
    controls: [
      { name: "birth_year", label: "birthYear", type: "number", least: 1900, most: 2200 },
      { name: "sex", label: "sex", type: "select", options: SEX },
      { name: "identity", label: "identity", type: "text", length: 40 },
      { name: "symptoms", label: "symptoms", type: "checks", options: "symptoms" },
      {
        name: "contact",
        label: "contact",
        type: "select",
        options: [
          ["no", "no"],
          ["yes", "yes"],
        ],
        needed: true,
      },
      { name: "places", label: "places", type: "text", length: 1000 },
      { name: "elsewhere", label: "elsewhere", type: "text", length: 400 },
      { name: "consent", label: "consentDeclare", type: "check", needed: true },
    ],
  },
  {
    kind: "consultation",
    label: "consultation",
    address: "/api/consultations",
    controls: [
      { name: "age", label: "age", type: "number", least: 0, most: 130, needed: true },
      { name: "sex", label: "sex", type: "select", options: SEX },
      {
        name: "symptoms",
        label: "symptoms",
        type: "checks",
        options: "consultSymptoms",
        needed: true,
      },
      { name: "spo2", label: "spo2", type: "number", least: 50, most: 100 },
      { name: "since", label: "since", type: "date" },
      { name: "pregnant", label: "pregnant", type: "check" },
      { name: "conditions", label: "conditions", type: "checks", options: "conditions" },
      { name: "note", label: "note", type: "note", length: 1000 },
      { name: "consent", label: "consentConsult", type: "check", needed: true },
    ],
  },
];

/** A form to be filled in, of a new id. */
export function newDraft(): Draft {
  return { id: newId(), values: {}, checked: {}, faults: new Map() };
}

/** What is sent of a form, beside who calls: what was left empty is not there. */
export function fieldsOf(form: Form, draft: Draft): Record<string, unknown> {
  const fields: Record<string, unknown> = { id: draft.id };
  for (const { name, type } of form.controls) {
    const text = (draft.values[name] ?? "").trim();
    if (type === "checks") fields[name] = draft.checked[name] ?? [];
    else if (type === "check") fields[name] = text === "yes";
    else if (text !== "") fields[name] = type === "number" ? Number(text) : text;
  }
  return fields;
}

/** The entries of a list that was typed with semicolons. */
export function listed(text: string): string[] {
  return text
    .split(/[;\n]/)
    .map((one) => one.trim())
    .filter(Boolean);
}
