import { button, h } from "../dom";
import { clock, field } from "../form-parts";
import { language, pick } from "../locale";
import { qrDrawing } from "../qr";
import type { VaccinateApp } from "./app";
import { type Own, post } from "./server";
import { type Entry, registrations } from "./store";
import { type Texts, t } from "./text";

/** What is right, by what is wrong: the fields that are asked for. */
const ASKED: Record<string, readonly (keyof typeof FIELDS)[]> = {
  name: ["new_name"],
  birth_year: ["new_birth_year"],
  vaccine: ["number", "vaccine", "lot"],
  lot: ["number", "lot"],
  given_on: ["number", "given_on"],
  missing_dose: ["number", "vaccine", "lot", "given_on"],
  not_given: ["number"],
};
const FIELDS = {
  number: ["correctDose", "number"],
  new_name: ["correctName", "text"],
  new_birth_year: ["correctYear", "number"],
  vaccine: ["correctVaccine", "select"],
  lot: ["correctLot", "text"],
  given_on: ["correctDay", "date"],
} as const satisfies Record<string, readonly [keyof Texts, string]>;

/** A registration of this device: how it stands, its code, and what can be done with it. */
export function ownItem(app: VaccinateApp, entry: Entry): HTMLElement {
  const said = h("div", { class: "own-said", role: "status" });
  const parts: (HTMLElement | null)[] = [h("h3", {}, entry.name), said];
  if (entry.state !== "sent") {
    said.append(h("p", {}, t(entry.state === "refused" ? "refused" : "waitingSend")));
    const faults = entry.refused?.faults ?? [];
    if (faults.length > 0)
      said.append(h("ul", {}, ...faults.map((fault) => h("li", {}, pick(fault)))));
    else if (entry.state === "refused")
      said.append(h("p", {}, t("call", { hotline: app.form.hotline })));
    if (entry.state === "refused") parts.push(remove(app, entry));
    return h("li", { class: "own-item" }, ...parts);
  }
  said.append(h("p", {}, t("taken")));
  const look = button(
    { class: "button button-strong" },
    () => void stand(app, entry, said),
    t("look"),
  );
  const card = entry.receipt?.card;
  if (card)
    parts.push(
      h(
        "details",
        {},
        h("summary", {}, t("showCard")),
        h("div", { class: "qr" }, qrDrawing(card.token, t("showCard"))),
      ),
    );
  parts.push(correction(app, entry));
  const cancel = button(
    { class: "link-button" },
    () => void cancelled(app, entry, said),
    t("cancel"),
  );
  return h(
    "li",
    { class: "own-item" },
    ...parts,
    h("div", { class: "own-actions" }, look, cancel, remove(app, entry)),
  );
}

function remove(app: VaccinateApp, entry: Entry): HTMLElement {
  const away = async (): Promise<void> => {
    await registrations.forget(app.store, entry.id);
    await app.own.reload();
  };
  return button({ class: "link-button" }, () => void away(), t("forget"));
}

const day = (value: string): string =>
  new Date(value).toLocaleDateString(language() === "en" ? "en-GB" : "vi-VN", {
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
  });

async function stand(app: VaccinateApp, entry: Entry, said: HTMLElement): Promise<void> {
  const { status, body } = await post<Own>("own", { id: entry.id });
  if (status !== 200 || !body) {
    said.replaceChildren(h("p", { class: "fault" }, t(status === 404 ? "gone" : "failed")));
    return;
  }
  const state = app.form.states.find(({ value }) => value === body.state);
  const vaccine = (id: string): string => {
    const found = app.form.vaccines.find(({ value }) => value === id);
    return found ? pick(found) : id;
  };
  const lines = [state ? pick(state) : body.state];
  if (body.point && body.slot_at)
    lines.push(
      t("invited", {
        point: body.point.name,
        time: clock(body.slot_at),
        n: body.next_dose,
      }),
    );
  if (body.point?.address) lines.push(t("address2", { address: body.point.address }));
  for (const { number, vaccine: id, given_on } of body.doses)
    lines.push(t("dose", { n: number, vaccine: vaccine(id), day: day(given_on) }));
  if (body.state === "waiting") {
    const from = body.not_before ? `, ${t("notBefore", { day: day(body.not_before) })}` : "";
    lines.push(t("next", { n: body.next_dose }) + from);
  }
  if (body.corrections > 0) lines.push(t("asked", { n: body.corrections }));
  said.replaceChildren(...lines.map((line) => h("p", {}, line)));
}

async function cancelled(app: VaccinateApp, entry: Entry, said: HTMLElement): Promise<void> {
  if (!confirm(t("cancelAsk", { name: entry.name }))) return;
  const { status, body } = await post<{ detail?: string }>("own/cancel", { id: entry.id });
  const text = status === 200 ? t("cancelled") : told(body?.detail);
  said.replaceChildren(h("p", {}, text));
  if (status === 200) app.say(text);
}

/** The server's own words, in the language in use: it says both, parted by a slash. */
function told(detail: string | undefined): string {
  const [vi, en = vi] = (detail ?? "").split(" / ");
  return (language() === "en" ? en : vi) || t("failed");
}

/** The form by which somebody says that what is recorded of them is wrong. */
function correction(app: VaccinateApp, entry: Entry): HTMLElement {
  const id = (name: string): string => `${name}-${entry.id}`;
  const what = h(
    "select",
    { id: id("field") },
    ...app.form.corrections.map((code) => h("option", { value: code.value }, pick(code))),
  );
  const inputs = h("div", { class: "vaccinate-form" });
  const said = h("p", { role: "status" });
  const show = (): void => {
    inputs.replaceChildren(
      ...(ASKED[what.value] ?? []).map((name) => {
        const [text, kind] = FIELDS[name];
        const control =
          kind === "select"
            ? h(
                "select",
                { id: id(name), "data-name": name },
                ...app.form.vaccines.map((code) => h("option", { value: code.value }, pick(code))),
              )
            : h("input", { id: id(name), "data-name": name, type: kind, autocomplete: "off" });
        return field(control, t(text));
      }),
    );
  };
  what.addEventListener("change", show);
  show();
  const why = h("input", { id: id("evidence"), type: "text", maxlength: 500, autocomplete: "off" });
  const form = h(
    "form",
    { class: "vaccinate-form", novalidate: true },
    field(what, t("correctWhat")),
    inputs,
    field(why, t("correctWhy")),
    said,
    h("button", { type: "submit", class: "button button-strong wide" }, t("correctSend")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const facts: Record<string, unknown> = { id: entry.id, field: what.value };
    for (const one of inputs.querySelectorAll<HTMLInputElement>("[data-name]")) {
      const name = one.dataset.name ?? "";
      if (one.value) facts[name] = one.type === "number" ? Number(one.value) : one.value;
    }
    if (why.value) facts.evidence = why.value;
    const { status, body } = await post<{ detail?: string }>("own/correction", facts);
    said.textContent = status === 201 ? t("correctSent") : told(body?.detail);
  });
  return h("details", {}, h("summary", {}, t("correct")), form);
}
