// The small forms of the desk: a screening that does not end well, a dose, a reaction.
import { button, h } from "../dom";
import { field } from "../form-parts";
import { pick } from "../locale";
import type { Code, Form, Lot, Visit } from "./server";
import { t } from "./text";

/** What a form does when it is filled in. */
type Send = (facts: Record<string, string>) => void;

function select(id: string, codes: readonly (readonly [string, string])[]): HTMLSelectElement {
  return h("select", { id }, ...codes.map(([value, text]) => h("option", { value }, text)));
}

const options = (codes: readonly Code[]): [string, string][] =>
  codes.map((code) => [code.value, pick(code)]);

function small(
  parts: readonly (HTMLElement | null)[],
  action: string,
  send: () => void,
  cancel: (() => void) | null,
): HTMLFormElement {
  const made = h(
    "form",
    { class: "desk-form", novalidate: true },
    ...parts,
    h(
      "div",
      { class: "desk-actions" },
      h("button", { type: "submit", class: "button button-strong" }, action),
      cancel && button({ class: "button" }, cancel, t("cancel")),
    ),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  return made;
}

const reasonInput = (id: string): HTMLInputElement =>
  h("input", { id, type: "text", maxlength: 500, autocomplete: "off" });

/** Why somebody gets no dose today. */
export function screeningForm(words: Form, visit: Visit, send: Send, cancel: () => void) {
  const outcome = select(
    `outcome-${visit.id}`,
    options(words.screenings).filter(([value]) => value !== "fit"),
  );
  const reason = reasonInput(`why-${visit.id}`);
  const until = h("input", { id: `until-${visit.id}`, type: "date" });
  const parts = [
    field(outcome, t("outcome")),
    field(reason, t("reason")),
    field(until, t("until")),
  ];
  return small(
    parts,
    t("save"),
    () => send({ outcome: outcome.value, reason: reason.value, until: until.value }),
    cancel,
  );
}

/** The dose: of which lot, where; a reason once the server has asked for one. */
export function doseForm(
  words: Form,
  visit: Visit,
  lots: readonly Lot[],
  preferred: string | null,
  needsReason: boolean,
  send: Send,
): HTMLElement {
  if (lots.length === 0) return h("p", { class: "honest" }, t("noLots"));
  const names = new Map(words.vaccines.map((code) => [code.value, pick(code)]));
  const lot = select(
    `lot-${visit.id}`,
    lots.map(({ lot, vaccine }) => [lot, `${lot} · ${names.get(vaccine) ?? vaccine}`]),
  );
  if (preferred && lots.some((one) => one.lot === preferred)) lot.value = preferred;
  const site = select(`site-${visit.id}`, options(words.sites));
  const reason = reasonInput(`dose-why-${visit.id}`);
  const parts = [
    h("div", { class: "desk-pair" }, field(lot, t("lot")), field(site, t("site"))),
    needsReason ? field(reason, t("reason")) : null,
  ];
  const facts = (): Record<string, string> => ({
    lot: lot.value,
    site: site.value,
    reason: reason.value,
  });
  return small(parts, t("give"), () => send(facts()), null);
}

/** Why somebody goes before the observation is over. */
export function leaveForm(visit: Visit, send: Send, cancel: () => void): HTMLElement {
  const reason = reasonInput(`leave-${visit.id}`);
  return small(
    [field(reason, t("reason"))],
    t("leave"),
    () => send({ reason: reason.value }),
    cancel,
  );
}

/** A reaction to the dose. */
export function reactionForm(words: Form, visit: Visit, send: Send, cancel: () => void) {
  const severity = select(`severity-${visit.id}`, options(words.severities));
  const details = h("textarea", { id: `details-${visit.id}`, maxlength: 2000, rows: 3 });
  const fault = h("p", { class: "fault", role: "alert" });
  const boxes = words.symptoms.map((code) => {
    const box = h("input", { type: "checkbox", value: code.value });
    return [box, h("label", { class: "desk-check" }, box, pick(code))] as const;
  });
  const labelled = `symptoms-${visit.id}`;
  const parts = [
    field(severity, t("severity")),
    h(
      "div",
      { class: "field", role: "group", "aria-labelledby": labelled },
      h("p", { id: labelled, class: "desk-label" }, t("symptoms")),
      h("div", { class: "desk-checks" }, ...boxes.map(([, label]) => label)),
      fault,
    ),
    field(details, t("details")),
  ];
  const chosen = (): string =>
    boxes
      .filter(([box]) => box.checked)
      .map(([box]) => box.value)
      .join(",");
  return small(
    parts,
    t("save"),
    () => {
      const symptoms = chosen();
      fault.textContent = symptoms ? "" : t("needSymptom");
      if (symptoms) send({ severity: severity.value, symptoms, details: details.value });
      else boxes[0]?.[0].focus();
    },
    cancel,
  );
}
