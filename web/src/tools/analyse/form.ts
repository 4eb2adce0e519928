// The form in which a process is asked for.
import type { LayerConfig, MapConfig } from "../../config";
import { button, h } from "../../dom";
import { pick } from "../../language";
import type { LayerQuery } from "../../map/queries";
import { choice, tick } from "../fields";
import { cellsOf, distanceOf, hasSize, PROCESSES, type Request, valuesOf } from "./request";
import { t } from "./text";

export interface FormOptions {
  config: MapConfig;
  /** The layers whose events can be analysed. */
  layers: readonly LayerConfig[];
  /** What of the chosen layer the map shows. */
  query: LayerQuery;
  mayChooseRights: boolean;
  running: boolean;
  /** The request has changed in a way that asks for other fields. */
  onChange(): void;
  onRun(): void;
  onCancel(): void;
}

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
  const form = h(
    "form",
    { class: "analyse-form" },
    choice(t("process"), processes(options.config), request.process, (process) =>
      change({ process }),
    ),
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
    h("button", { class: "button button-strong", disabled: options.running }, t("run")),
    options.running && button({ class: "button" }, options.onCancel, t("cancel")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    options.onRun();
  });
  return form;
}

function processes(config: MapConfig): (readonly [Request["process"], string])[] {
  return PROCESSES.map(([id, collection]) => {
    const layer = config.layers.find((one) => one.id === collection);
    return [id, layer ? pick(layer.title) : id] as const;
  });
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
