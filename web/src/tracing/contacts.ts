import { button, h } from "../dom";
import { clock, field } from "../form-parts";
import type { Contact, ContactState, WholeContact } from "./api";
import { type TracingApp, why } from "./app";
import { t } from "./text";
import { CONTACT, CONTACT_STATES } from "./words";

/** The contacts of a list; the one that is open shows how to reach them, and is worked on. */
export class ContactList {
  readonly element = h("ol", { class: "trace-contacts" });
  readonly #app: TracingApp;
  readonly #changed: () => void;
  #contacts: Contact[] = [];
  #open: WholeContact | null = null;
  #failed = "";

  /** `changed` is called after each look and change. */
  constructor(app: TracingApp, changed: () => void) {
    this.#app = app;
    this.#changed = changed;
  }

  show(contacts: Contact[]): void {
    this.#contacts = contacts;
    this.#open = null;
    this.#failed = "";
    this.render();
  }

  render(): void {
    this.element.setAttribute("aria-label", t("contacts"));
    this.element.replaceChildren(
      ...(this.#contacts.length > 0
        ? this.#contacts.map((one) => this.#item(one))
        : [h("li", { class: "flag-none" }, t("noContacts"))]),
    );
  }

  #item(contact: Contact): HTMLElement {
    const open = this.#open?.id === contact.id ? this.#open : null;
    const title = [contact.code, nameOf(contact)].filter(Boolean).join(" · ");
    const element = h(
      "li",
      { class: "trace-contact" },
      h(
        "div",
        { class: "flag-head" },
        h("strong", {}, title),
        h("span", { class: `trace-state trace-${contact.state}` }, t(CONTACT[contact.state])),
      ),
      h("p", { class: "flag-about" }, aboutOf(contact)),
      h("p", { class: "flag-about" }, metOf(contact)),
      contact.named
        ? button(
            {
              class: "button",
              id: `contact-${contact.id}`,
              "aria-expanded": String(open !== null),
            },
            () => void this.#toggle(contact, open !== null),
            t(open ? "hide" : "openContact"),
          )
        : h("p", { class: "flag-note" }, t("handedTo", { district: contact.district ?? "" })),
    );
    if (open) element.append(this.#whole(open));
    return element;
  }

  async #toggle(contact: Contact, isOpen: boolean): Promise<void> {
    this.#open = null;
    this.#failed = "";
    if (!isOpen)
      try {
        this.#open = await this.#app.calls.contact(contact.id);
      } catch (error) {
        this.#failed = why(error);
      }
    this.render();
    this.element.querySelector<HTMLElement>(`#contact-${contact.id}`)?.focus();
    if (!isOpen) this.#changed();
  }

  #whole(contact: WholeContact): HTMLElement {
    const state = h(
      "select",
      { id: "contact-state" },
      ...CONTACT_STATES.map((value) => h("option", { value }, t(CONTACT[value]))),
    );
    state.value = contact.state;
    const note = h("input", { id: "contact-note", type: "text", maxlength: 500 });
    note.value = contact.note ?? "";
    const form = h(
      "form",
      { novalidate: true, class: "trace-mark" },
      field(state, t("outcome")),
      field(note, t("note")),
      h("button", { type: "submit", class: "button button-strong" }, t("save")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#mark(contact, state.value as ContactState, note.value.trim() || null);
    });
    return h(
      "div",
      { class: "trace-whole" },
      contact.phone
        ? h(
            "a",
            { class: "button button-strong flag-call", href: `tel:${contact.phone}` },
            t("call", { phone: contact.phone }),
          )
        : h("p", { class: "flag-caution" }, t("noPhone")),
      contact.address ? h("p", {}, contact.address) : null,
      contact.stay
        ? h("p", { class: "flag-note" }, t("inStay", { day: contact.stay.due_until }))
        : null,
      evidenceTable([contact]),
      form,
      this.#failed ? h("p", { class: "fault", role: "alert" }, this.#failed) : null,
    );
  }

  async #mark(contact: WholeContact, state: ContactState, note: string | null): Promise<void> {
    try {
      const known = this.#contacts.find(({ id }) => id === contact.id);
      this.#open = await this.#app.calls.mark(contact.id, state, note);
      if (known) Object.assign(known, { state, note });
      this.#failed = "";
    } catch (error) {
      this.#failed = t("failed", { why: why(error) });
    }
    this.render();
    this.element.querySelector<HTMLElement>(`#contact-${contact.id}`)?.focus();
    this.#changed();
  }
}

/** What a contact is called: by name, or by order and place where the name is not told. */
export function nameOf(contact: Contact): string {
  const number = t("numbered", { degree: contact.degree, n: contact.place });
  return contact.name ? `${number} · ${contact.name}` : number;
}

function aboutOf(contact: Contact): string {
  const born = contact.birth_year ? t("born", { year: String(contact.birth_year) }) : null;
  return [born, contact.commune, contact.district].filter(Boolean).join(" · ");
}

function metOf(contact: Contact): string {
  return [
    t("shared", { minutes: contact.minutes, n: contact.meetings }),
    t("firstMet", { time: clock(contact.first_at) }),
    contact.estimated ? t("estimatedOnly") : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Where contacts met whom, as a table. */
export function evidenceTable(contacts: Contact[]): HTMLElement {
  const several = contacts.length > 1;
  const heads = [...(several ? [t("contact")] : []), t("where"), t("from"), t("to"), t("whom")];
  return h(
    "table",
    { class: "flag-table trace-table" },
    h("caption", {}, t("evidence")),
    h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text)))),
    h(
      "tbody",
      {},
      ...contacts.flatMap((contact) =>
        (contact.evidence ?? []).map((met) =>
          h(
            "tr",
            {},
            ...(several ? [h("th", { scope: "row" }, nameOf(contact))] : []),
            h("td", {}, met.kind === "proximity" ? t("devices") : (met.name ?? t("placeGone"))),
            h("td", {}, clock(met.from)),
            h("td", {}, clock(met.to) + (met.estimated ? ` (${t("estimated")})` : "")),
            h(
              "td",
              {},
              met.with === null ? t("sought") : t("numbered", { degree: 1, n: met.with }),
            ),
          ),
        ),
      ),
    ),
  );
}
