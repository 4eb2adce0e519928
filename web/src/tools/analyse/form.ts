// The form in which a process is asked for.
import type { LayerConfig, MapConfig } from "../../config";
import { button, h } from "../../dom";
import { pick } from "../../language";
import type { LayerQuery } from "../../map/queries";
import { choice, tick } from "../fields";
import { addDays } from "../windows/zone";
import {
  cellsOf,
  distanceOf,
  hasSize,
  isForStaff,
  MOST_DAYS,
  PROCESSES,
  type Request,
  valuesOf,
} from "./request";
import { t } from "./text";

export interface FormOptions {
  config: MapConfig;
  /** The layers whose events can be analysed. */
  layers: readonly LayerConfig[];
  /** The ids of the processes that the person may run. */
  mayRun: readonly string[];
  /** What of the chosen layer the map shows. */
  query: LayerQuery;
  mayChooseRights: boolean;
  running: boolean;
  /** The request has changed in a way that asks for other fields. */
  onChange(): void;
  onRun(): void;
  onCancel(): void;
}

/** No flow of fewer is ever told. */
const LEAST_PERSONS = 5;

type Change = (part: Partial<Request>) => void;

/** The form of a request, which it changes. */
export function requestForm(request: Request, options: FormOptions): HTMLElement {
  const layer = options.layers.find(({ id }) => id === request.layer);
  const change: Change = (part) => {
    Object.assign(request, part);
    if (!cellsOf(request.process).includes(request.by)) request.by = "commune";
    const chosen = options.layers.find(({ id }) => id === request.layer);
    if (!valuesOf(request, chosen).includes(request.value)) request.value = "count";
    options.onChange();
  };
  const asked = isForStaff(request.process)
    ? [cells(request, layer, change), days(request), fewest(request)]
    : [
        choice(
          t("layer"),
          options.layers.map(({ id, title }) => [id, pick(title)] as const),
          request.layer,
          (id) => change({ layer: id }),
        ),
        cells(request, layer, change),
        distance(request),
        narrowed(request, options.query),
        options.mayChooseRights && rights(request, change),
      ];
  const form = h(
    "form",
    { class: "analyse-form" },
    choice(t("process"), processes(options), request.process, (process) => change({ process })),
    ...asked,
    h("button", { class: "button button-strong", disabled: options.running }, t("run")),
    options.running && button({ class: "button" }, options.onCancel, t("cancel")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    options.onRun();
  });
  return form;
}

function processes({ config, mayRun }: FormOptions): (readonly [Request["process"], string])[] {
  return PROCESSES.filter(([id]) => !isForStaff(id) || mayRun.includes(id)).map(([id]) => [
    id,
    processTitle(id, config),
  ]);
}

/** What a process is called: as the layer that shows what it finds. */
export function processTitle(process: string, config: MapConfig): string {
  const collection = PROCESSES.find(([id]) => id === process)?.[1];
  const layer = config.layers.find(({ id }) => id === collection);
  if (layer) return pick(layer.title);
  return process === "flows" ? t("flows") : process;
}

/** The first and the last day, each of which bounds the other. */
function days(request: Request): HTMLElement {
  const first = h("input", { type: "date", required: true, value: request.first });
  const last = h("input", { type: "date", required: true, value: request.last });
  const bound = (): void => {
    [request.first, request.last] = [first.value, last.value];
    [first.min, first.max] = [addDays(last.value, 1 - MOST_DAYS), last.value];
    [last.min, last.max] = [first.value, addDays(first.value, MOST_DAYS - 1)];
  };
  bound();
  first.addEventListener("input", bound);
  last.addEventListener("input", bound);
  return h(
    "div",
    { class: "tool-row" },
    h("label", { class: "tool-field" }, h("span", {}, t("firstDay")), first),
    h("label", { class: "tool-field" }, h("span", {}, t("lastDay")), last),
  );
}

function fewest(request: Request): HTMLElement {
  const limits = { min: LEAST_PERSONS, max: 1000, required: true };
  return h(
    "div",
    {},
    number(t("fewest"), request.fewest, limits, (persons) => {
      request.fewest = persons ?? LEAST_PERSONS;
    }),
    h("p", { class: "tool-note" }, t("fewestHint", { k: LEAST_PERSONS })),
  );
}

function rights(request: Request, change: Change): HTMLElement {
  return choice(
    t("rights"),
    [
      ["public", t("rightsPublic")],
      ["staff", t("rightsStaff")],
    ],
    request.asPublic ? "public" : "staff",
    (whose) => change({ asPublic: whose === "public" }),
  );
}

function cells(
  request: Request,
  layer: LayerConfig | undefined,
  change: Change,
): HTMLElement | null {
  const listed = cellsOf(request.process);
  if (listed.length === 0) return null;
  const values = valuesOf(request, layer);
  return h(
    "div",
    { class: "tool-row" },
    choice(
      t("by"),
      listed.map((one) => [one, t(one)] as const),
      request.by,
      (by) => change({ by }),
    ),
    hasSize(request) &&
      number(t("size"), request.size, { min: 50, max: 100_000 }, (size) => {
        request.size = size;
      }),
    values.length > 0 &&
      choice(
        t("value"),
        values.map((one) => [one, valueTitle(layer, one)] as const),
        request.value,
        (value) => change({ value }),
      ),
    request.process === "emerging-hotspots" &&
      number(t("stepDays"), request.stepDays, { min: 1, max: 366, required: true }, (days) => {
        request.stepDays = days ?? 1;
      }),
  );
}

function valueTitle(layer: LayerConfig | undefined, value: string): string {
  if (value === "count") return t("valueCount");
  if (value === "rate") return t("valueRate");
  const column = layer?.columns.find(({ name }) => name === value);
  return column ? pick(column.title) : value;
}

function distance(request: Request): HTMLElement | null {
  const wanted = distanceOf(request.process);
  if (wanted === "none") return null;
  const must = wanted === "must";
  const limits = { min: must ? 50 : 1, max: must ? 200_000 : 100_000, required: must };
  return number(t("distance"), request.distance, limits, (metres) => {
    request.distance = metres;
  });
}

function number(
  label: string,
  value: number | null,
  limits: { min: number; max: number; required?: boolean },
  take: (value: number | null) => void,
): HTMLElement {
  const field = h("input", { type: "number", step: "any", ...limits });
  field.value = value === null ? "" : String(value);
  if (!limits.required) field.placeholder = t("sizeAuto");
  field.addEventListener("input", () =>
    take(Number.isNaN(field.valueAsNumber) ? null : field.valueAsNumber),
  );
  return h("label", { class: "tool-field" }, h("span", {}, label), field);
}

function narrowed(request: Request, { filter, datetime }: LayerQuery): HTMLElement | null {
  if (filter === null && datetime === null) return null;
  const told = [filter, datetime].filter((part) => part !== null).join(" · ");
  return h(
    "div",
    {},
    tick(t("narrowed"), request.narrowed, (on) => {
      request.narrowed = on;
    }),
    h("p", { class: "tool-note" }, told),
  );
}
