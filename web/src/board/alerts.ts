import type { Feature } from "../config";
import { button, h } from "../dom";
import { language } from "../locale";
import { newId } from "../sos/ids";
import { type AlertDraft, alertForm, newAlertDraft, propertiesOf } from "./alert-form";
import { type Alert, areaOf, asMultiPolygon, inForce } from "./alert-model";
import { type Api, Refused } from "./api";
import type { BoardMap } from "./board-map";
import type { BoardData } from "./data";
import type { Messages } from "./frame";
import { t, type Words } from "./words";

const ITEMS = "/ogc/collections/alerts/items";
const UNITS = "/ogc/collections/admin_units/items";

/** What is written of an alert, kept while the page is open, and whether its form is. */
export class AlertDesk {
  draft: AlertDraft;
  open = false;
  readonly #synthetic: boolean;

  constructor(synthetic: boolean) {
    this.#synthetic = synthetic;
    this.draft = newAlertDraft(newId(), synthetic);
  }

  clear(): void {
    this.open = false;
    this.draft = newAlertDraft(newId(), this.#synthetic);
  }
}

export interface AlertContext {
  api: Api;
  data: BoardData;
  words: Words;
  messages: Messages;
  desk: AlertDesk;
  /** Whether this role issues alerts and takes them back. */
  mayIssue: boolean;
  map(): BoardMap | null;
  /** Brings the map, or the list, to the front where one is shown at a time. */
  front(part: "map" | "list"): void;
  ended(): void;
  now(): number;
}

/** The alerts in force; drawing a new one, and taking one back. */
export class AlertsPanel {
  readonly element = h("div", { class: "scroll alerts", hidden: true });
  readonly #at: AlertContext;
  #faults = new Map<string, string>();
  #busy = false;
  #shown = "";

  constructor(context: AlertContext) {
    this.#at = context;
  }

  get alerts(): Alert[] {
    return inForce(this.#at.data.alerts.items.values(), this.#at.now());
  }

  /** Shows what is in force now; a form that is being filled in stays as it is. */
  update(): void {
    const { desk, words } = this.#at;
    const alerts = this.alerts;
    const shown = JSON.stringify([language(), desk.open, desk.open || alerts]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (desk.open) {
      this.#renderForm();
      return;
    }
    this.element.replaceChildren(
      this.#at.mayIssue
        ? button({ class: "button button-strong" }, () => this.#begin(), t("newAlert"))
        : h("p", { class: "quiet" }, t("alertsOfCoordinators")),
      alerts.length === 0
        ? h("p", { class: "empty" }, t("alertsNone"))
        : h("ul", {}, ...alerts.map((alert) => this.#item(alert, words))),
    );
  }

  #item(alert: Alert, words: Words): HTMLElement {
    const title = (language() === "en" && alert.headlineEn) || alert.headline;
    const facts = [
      words.code("alerts", "severity", alert.severity),
      alert.status === "Actual" ? "" : words.code("alerts", "status", alert.status),
      alert.area,
      t("until", { time: words.instant(new Date(alert.expires).toISOString()) }),
    ];
    return h(
      "li",
      { class: `alert severity-${alert.severity}`, "data-alert": alert.id },
      h("h2", {}, title),
      h("p", { class: "quiet" }, facts.filter(Boolean).join(" · ")),
      h(
        "div",
        { class: "detail-buttons" },
        button({ class: "button" }, () => this.#locate(alert), t("showOnMap")),
        h("a", { class: "button", href: `/api/alerts/${alert.id}.cap` }, t("capMessage")),
        this.#at.mayIssue ? this.#takeBack(alert) : null,
      ),
    );
  }

  #locate({ box }: Alert): void {
    this.#at.front("map");
    if (box) this.#at.map()?.showBox(box);
  }

  /** Asks once more before an alert is taken back. */
  #takeBack(alert: Alert): HTMLButtonElement {
    const made = button(
      { class: "button" },
      () => {
        if (made.textContent === t("cancelAlertSure")) void this.#cancel(alert);
        else made.textContent = t("cancelAlertSure");
      },
      t("cancelAlert"),
    );
    made.addEventListener("blur", () => {
      made.textContent = t("cancelAlert");
    });
    return made;
  }

  async #cancel(alert: Alert): Promise<void> {
    const patch = { properties: { message: "Cancel" } };
    const done = await this.#send("PATCH", `${ITEMS}/${alert.id}`, patch);
    if (done) this.#at.messages.say(t("alertCancelled", { headline: alert.headline }));
  }

  #begin(): void {
    this.#at.desk.open = true;
    this.#faults = new Map();
    this.update();
    this.element.querySelector<HTMLElement>("#alert-title")?.focus();
  }

  #renderForm(): void {
    const { desk, words } = this.#at;
    this.element.replaceChildren(
      alertForm(desk.draft, this.#faults, words, {
        draw: () => this.#draw(),
        unit: (code) => this.#unit(code),
        issue: () => void this.#issue(),
        cancel: () => this.#close(),
      }),
    );
  }

  #draw(): void {
    const { desk } = this.#at;
    const drawing = this.#at.map()?.drawing;
    if (!drawing) {
      this.#at.messages.warn(t("mapFailed"));
      return;
    }
    desk.draft.unit = "";
    this.#at.front("map");
    drawing.begin(
      desk.draft.corners,
      (corners) => {
        desk.draft.corners = [...corners];
        const drawn = this.element.querySelector("#alert-unit option");
        if (drawn) drawn.textContent = t("areaDrawn", { n: corners.length });
      },
      () => {
        drawing.end(true);
        this.#at.front("list");
        this.#faults.delete("geometry");
        this.#renderForm();
        this.element.querySelector<HTMLElement>("#alert-severity")?.focus();
      },
    );
  }

  #unit(code: string): void {
    const { draft } = this.#at.desk;
    const before = this.#at.words.unit(draft.unit || null);
    draft.unit = code;
    if (code) this.#at.map()?.drawing?.end(true);
    // The name of the unit says which area it is, unless somebody has written that already.
    const written = draft.values.area_desc ?? "";
    if (written === "" || written === before)
      draft.values.area_desc = this.#at.words.unit(code || null);
    this.#renderForm();
    this.element.querySelector<HTMLElement>("#alert-unit")?.focus();
  }

  #close(): void {
    this.#at.map()?.drawing?.end(false);
    this.#at.desk.clear();
    this.update();
  }

  async #area(): Promise<GeoJSON.MultiPolygon | null> {
    const { draft } = this.#at.desk;
    if (!draft.unit) return areaOf(draft.corners);
    const unit = await this.#at.api.read<Feature>(`${UNITS}/${draft.unit}?f=json`);
    return asMultiPolygon(unit.geometry);
  }

  async #issue(): Promise<void> {
    const { desk, messages, now } = this.#at;
    const { draft } = desk;
    this.#faults = new Map();
    let geometry: GeoJSON.MultiPolygon | null = null;
    try {
      geometry = await this.#area();
    } catch (error) {
      this.#refused(error);
      return;
    }
    if (!geometry) {
      this.#fault(new Map([["geometry", t("areaMissing")]]));
      return;
    }
    const properties = propertiesOf(draft, now());
    const feature = { type: "Feature", id: draft.id, geometry, properties };
    if (!(await this.#send("POST", ITEMS, feature))) return;
    messages.say(t("alertIssued", { headline: properties.headline ?? "" }));
    this.#close();
  }

  #fault(faults: Map<string, string>): void {
    this.#faults = faults;
    this.#renderForm();
    const wrong = this.element.querySelector<HTMLElement>("[aria-invalid=true], .fault");
    wrong?.scrollIntoView({ block: "center" });
    if (wrong?.matches("[aria-invalid]")) wrong.focus();
    else this.element.querySelector<HTMLElement>("#alert-unit")?.focus();
  }

  async #send(method: "POST" | "PATCH", path: string, body: unknown): Promise<boolean> {
    if (this.#busy) return false;
    this.#busy = true;
    try {
      const type = method === "POST" ? "application/geo+json" : "application/merge-patch+json";
      await this.#at.api.write(path, body, method, type);
      return true;
    } catch (error) {
      const isOurs = method === "POST" && error instanceof Refused && error.status === 409;
      if (isOurs && (await this.#isThere(this.#at.desk.draft.id))) return true;
      this.#refused(error);
      return false;
    } finally {
      this.#busy = false;
    }
  }

  /** Whether an alert of this id exists: the answer to the first try may have been lost. */
  async #isThere(id: string): Promise<boolean> {
    return this.#at.api.read(`${ITEMS}/${id}?f=json`).then(
      () => true,
      () => false,
    );
  }

  #refused(error: unknown): void {
    if (!(error instanceof Refused)) throw error;
    if (error.status === 401) this.#at.ended();
    else if (error.status === 0) this.#at.messages.warn(t("alertNoAnswer"));
    else {
      const faults = faultsOf(error.problem);
      if (this.#at.desk.open && faults.size > 0) this.#fault(faults);
      this.#at.messages.warn(t("refused", { detail: error.sentence() }));
    }
  }
}

/** The faults that the server found, by column, in the language in use. */
function faultsOf(problem: Record<string, unknown>): Map<string, string> {
  const errors = Array.isArray(problem.errors) ? problem.errors : [];
  const found = new Map<string, string>();
  for (const { column, rule } of errors as { column?: string; rule?: Record<string, string> }[])
    found.set(column === "geom" || !column ? "geometry" : column, rule?.[language()] ?? "");
  return found;
}
