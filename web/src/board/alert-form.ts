import { button, h } from "../dom";
import { pick } from "../locale";
import type { Position } from "./alert-model";
import { t, type Words } from "./words";

/** How long an alert may hold, in hours from when it is issued. */
const HOURS = [3, 6, 12, 24, 48, 72];
const CODES = {
  category: "Met",
  severity: "Severe",
  urgency: "Immediate",
  certainty: "Likely",
  status: "Actual",
} as const;
/** The texts with their lengths at most; those of `LONG` have several lines. */
const TEXTS = {
  headline: 160,
  headline_en: 160,
  event: 100,
  event_en: 100,
  area_desc: 300,
  description: 4000,
  description_en: 4000,
  instruction: 4000,
  instruction_en: 4000,
} as const;
const LONG: ReadonlySet<string> = new Set([
  "description",
  "description_en",
  "instruction",
  "instruction_en",
]);
const NEEDED: ReadonlySet<string> = new Set(["headline", "event", "area_desc"]);

/** An alert that is being written; it outlives the form, which another language makes anew. */
export interface AlertDraft {
  /** Made here, so that sending twice issues once. */
  id: string;
  corners: Position[];
  /** The code of the unit that is the area, in place of corners. */
  unit: string;
  values: Record<string, string>;
}

/** An alert of which nothing is written yet. */
export function newAlertDraft(id: string, synthetic: boolean): AlertDraft {
  const status = synthetic ? "Exercise" : CODES.status;
  return { id, corners: [], unit: "", values: { ...CODES, status, hours: "24" } };
}

/** What the server gets of a draft, but for its area. */
export function propertiesOf({ values }: AlertDraft, now: number): Record<string, string> {
  const { hours = "24", ...rest } = values;
  const filled = Object.entries(rest)
    .map(([name, value]) => [name, value.trim()] as const)
    .filter(([, value]) => value !== "");
  const expires = new Date(now + Number(hours) * 3_600_000).toISOString();
  return { ...Object.fromEntries(filled), expires };
}

export interface FormActions {
  draw(): void;
  unit(code: string): void;
  issue(): void;
  cancel(): void;
}

/** The form of an alert; what is typed goes into the draft at once. */
export function alertForm(
  draft: AlertDraft,
  faults: ReadonlyMap<string, string>,
  words: Words,
  actions: FormActions,
): HTMLFormElement {
  const form = h(
    "form",
    { class: "alert-form", "aria-labelledby": "alert-title" },
    h("h2", { id: "alert-title", tabindex: -1 }, t("newAlert")),
    areaFields(draft, faults, words, actions),
    select("severity", codes(words, "severity"), draft, words),
    select("category", codes(words, "category"), draft, words),
    ...Object.keys(TEXTS).map((name) =>
      textField(name as keyof typeof TEXTS, draft, faults.get(name), words),
    ),
    select("urgency", codes(words, "urgency"), draft, words),
    select("certainty", codes(words, "certainty"), draft, words),
    select("hours", new Map(HOURS.map((n) => [String(n), t("holdsHours", { n })])), draft, words),
    select("status", codes(words, "status"), draft, words),
    h("p", { class: "caution" }, t("alertPublic")),
    h(
      "div",
      { class: "detail-buttons" },
      h("button", { class: "button button-strong", type: "submit" }, t("issueAlert")),
      button({ class: "button" }, actions.cancel, t("cancel")),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    actions.issue();
  });
  return form;
}

function select(
  name: string,
  choices: ReadonlyMap<string, string>,
  draft: AlertDraft,
  words: Words,
): HTMLElement {
  const made = h(
    "select",
    { id: `alert-${name}` },
    ...[...choices].map(([value, label]) =>
      h("option", { value, selected: value === draft.values[name] }, label),
    ),
  );
  made.addEventListener("change", () => {
    draft.values[name] = made.value;
  });
  const label = name === "hours" ? t("holds") : words.column("alerts", name);
  return h("label", {}, label, made);
}

function codes(words: Words, column: string): Map<string, string> {
  const found = Object.entries(words.codes("alerts", column));
  return new Map(found.map(([code, title]) => [code, pick(title)]));
}

function textField(
  name: keyof typeof TEXTS,
  { values }: AlertDraft,
  fault: string | undefined,
  words: Words,
): HTMLElement {
  const attributes = {
    id: `alert-${name}`,
    maxlength: TEXTS[name],
    required: NEEDED.has(name),
    lang: name.endsWith("_en") ? "en" : "vi",
    ...(fault ? { "aria-invalid": "true", "aria-describedby": `alert-${name}-fault` } : {}),
  };
  const control = LONG.has(name)
    ? h("textarea", { rows: 2, ...attributes })
    : h("input", { autocomplete: "off", ...attributes });
  control.value = values[name] ?? "";
  control.addEventListener("input", () => {
    values[name] = control.value;
  });
  return h(
    "div",
    { class: "alert-field" },
    h("label", { for: control.id }, words.column("alerts", name)),
    control,
    fault ? h("p", { class: "fault", id: `alert-${name}-fault` }, fault) : null,
  );
}

/** The area: drawn on the map, or a unit of the province, which needs no pointer at all. */
function areaFields(
  draft: AlertDraft,
  faults: ReadonlyMap<string, string>,
  words: Words,
  { draw, unit }: FormActions,
): HTMLElement {
  const units = [...words.units]
    .filter(([code]) => code.length > 2)
    .sort(([, a], [, b]) => a.localeCompare(b, "vi"));
  const chosen = h(
    "select",
    { id: "alert-unit" },
    h("option", { value: "" }, t("areaDrawn", { n: draft.corners.length })),
    ...units.map(([code, name]) =>
      h("option", { value: code, selected: code === draft.unit }, name),
    ),
  );
  chosen.addEventListener("change", () => unit(chosen.value));
  const fault = faults.get("geometry");
  return h(
    "fieldset",
    {},
    h("legend", {}, t("alertArea")),
    h("label", {}, t("areaIs"), chosen),
    button({ class: "button" }, draw, t(draft.corners.length ? "drawMore" : "drawArea")),
    fault ? h("p", { class: "fault", role: "alert" }, fault) : null,
  );
}
