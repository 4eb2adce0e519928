import { isIdentity, isPhone } from "../checks";
import { type Commune, communes } from "../communes";
import { keep, keeper, kept, type Store } from "../device-store";
import { h } from "../dom";
import { field } from "../form-parts";
import { fetchJson } from "../http";
import { onLanguage, pick } from "../locale";
import { fillBar } from "../menu/bar";
import { OwnMessages } from "../own-messages";
import { OfflineNote } from "../queue-page";
import { newId } from "../sos/ids";
import { organisationPart } from "./organisation";
import { ownItem } from "./own";
import type { Code, Form } from "./server";
import { type Entry, FORM, type Post, registrations } from "./store";
import { type Texts, t } from "./text";

const FIRST_YEAR = 1900;
const EMPTY: Form = {
  groups: [],
  vaccines: [],
  states: [],
  corrections: [],
  keep_days: 180,
  hotline: "",
};

type Name = "name" | "birth_year" | "phone" | "identity" | "address" | "commune_code" | "group";

/** The page on which people register for vaccination, with a network or without. */
export class VaccinateApp {
  readonly store: Store;
  readonly own: OwnMessages<Entry>;
  form = EMPTY;
  #communes: Commune[] = [];
  #draft: Record<Name, string> = blank();
  #consent = false;
  #faults = new Map<string, string>();
  #said = "";
  #shown = "";
  readonly #header = h("header", { class: "page-bar sos-bar" });
  readonly #offline = new OfflineNote(() => t("offline"));
  readonly #main = h("main", { class: "sos declare vaccinate" });
  readonly #organisation = organisationPart();

  constructor(store: Store) {
    this.store = store;
    this.own = new OwnMessages({
      ...registrations.driven(store),
      show: () => {
        // What somebody is writing into a correction stays.
        if (this.#shown !== JSON.stringify(this.own.all)) this.#renderMine();
      },
      connected: (is) => (is ? void this.#ask() : this.#offline.render()),
    });
  }

  async start(): Promise<void> {
    document.body.prepend(this.#header, this.#offline.element, this.#main);
    this.form = (await kept<Form>(this.store, FORM)) ?? EMPTY;
    await this.own.reload();
    this.render();
    onLanguage(() => this.render());
    await this.#ask();
    this.own.begin();
  }

  async #ask(): Promise<void> {
    this.#communes = await communes(keeper(this.store));
    try {
      this.form = await fetchJson<Form>("/api/vaccination/form");
      await keep(this.store, FORM, this.form);
    } catch {
      // As it was kept: the lists change seldom.
    }
    this.render();
  }

  /** Tells something above the list. */
  say(text: string): void {
    this.#said = text;
    this.#renderMine();
  }

  /** Draws all of the page as it stands; what is typed stays. */
  render(): void {
    const focused = (document.activeElement as HTMLElement | null)?.id;
    fillBar(this.#header, t("title"));
    this.#offline.render();
    this.#organisation.render();
    this.#main.replaceChildren(
      h("section", { class: "mine" }),
      this.#formPart(),
      this.#organisation.element,
    );
    this.#renderMine();
    if (focused) document.getElementById(focused)?.focus();
  }

  #renderMine(): void {
    const { all } = this.own;
    this.#shown = JSON.stringify(all);
    const said = this.#said ? h("p", { role: "status" }, this.#said) : "";
    this.#main
      .querySelector(".mine")
      ?.replaceChildren(
        ...(all.length > 0
          ? [
              h("h2", { id: "mine", tabindex: -1 }, t("mine")),
              said,
              h("ul", { class: "own-list" }, ...all.map((entry) => ownItem(this, entry))),
            ]
          : []),
      );
  }

  #formPart(): HTMLElement {
    const box = h("input", { id: "consent", type: "checkbox", checked: this.#consent });
    box.addEventListener("change", () => {
      this.#consent = box.checked;
    });
    const wrong = this.#faults.get("consent");
    const form = h(
      "form",
      { class: "vaccinate-form", novalidate: true, "aria-labelledby": "heading" },
      h("h2", { id: "heading" }, t("formTitle")),
      this.#input("name", "name", { type: "text", maxlength: 120, autocomplete: "name" }),
      this.#input("birth_year", "birthYear", { type: "text", inputmode: "numeric", maxlength: 4 }),
      this.#input(
        "phone",
        "phone",
        { type: "tel", maxlength: 40, autocomplete: "tel" },
        "phoneHint",
      ),
      this.#input("identity", "identity", { type: "text", maxlength: 40 }, null, true),
      this.#communes.length > 0
        ? this.#select("commune_code", "commune", "communeChoose", this.#communes.map(codeOf))
        : h("p", { class: "caution", role: "status" }, t("communesAway")),
      this.#input("address", "address", { type: "text", maxlength: 300 }, null, true),
      this.#select("group", "group", "groupChoose", this.form.groups, "groupHint"),
      h(
        "div",
        { class: "field" },
        h(
          "label",
          { class: "consent" },
          box,
          h("span", {}, t("consent", { days: this.form.keep_days })),
        ),
        wrong ? h("p", { class: "fault" }, wrong) : null,
      ),
      h("div", { class: "send" }, h("button", { type: "submit", class: "send-button" }, t("send"))),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    return form;
  }

  #input(
    name: Name,
    label: keyof Texts,
    attributes: Record<string, string | number>,
    hint: keyof Texts | null = null,
    optional = false,
  ): HTMLElement {
    const element = h("input", { id: name, autocomplete: "off", ...attributes });
    element.value = this.#draft[name];
    element.addEventListener("input", () => {
      this.#draft[name] = element.value;
    });
    return field(element, t(label), {
      ...(hint ? { hint: t(hint) } : {}),
      fault: this.#faults.get(name),
      optional: optional && t("optional"),
    });
  }

  #select(
    name: Name,
    label: keyof Texts,
    empty: keyof Texts,
    codes: readonly Code[],
    hint: keyof Texts | null = null,
  ): HTMLElement {
    const element = h(
      "select",
      { id: name },
      h("option", { value: "" }, t(empty)),
      ...codes.map((code) => h("option", { value: code.value }, pick(code))),
    );
    element.value = this.#draft[name];
    element.addEventListener("change", () => {
      this.#draft[name] = element.value;
    });
    return field(element, t(label), {
      ...(hint ? { hint: t(hint) } : {}),
      fault: this.#faults.get(name),
    });
  }

  #check(): boolean {
    const draft = this.#draft;
    const last = new Date().getFullYear();
    const year = Number(draft.birth_year);
    const faults = new Map<string, string>();
    const need = (name: string, fine: boolean, text: string): void => {
      if (!fine) faults.set(name, text);
    };
    need("name", draft.name.trim() !== "", t("nameMissing"));
    need(
      "birth_year",
      /^\d{4}$/.test(draft.birth_year.trim()) && year >= FIRST_YEAR && year <= last,
      t("birthYearWrong", { first: FIRST_YEAR, last }),
    );
    need("phone", isPhone(draft.phone), t("phoneWrong"));
    need(
      "identity",
      draft.identity.trim() === "" || isIdentity(draft.identity),
      t("identityWrong"),
    );
    need("commune_code", draft.commune_code !== "", t("communeMissing"));
    need("group", draft.group !== "", t("groupMissing"));
    need("consent", this.#consent, t("consentMissing"));
    this.#faults = faults;
    return faults.size === 0;
  }

  async #submit(): Promise<void> {
    if (!this.#check()) {
      this.render();
      const wrong = this.#main.querySelector<HTMLElement>("[aria-invalid=true]");
      (wrong ?? this.#main.querySelector<HTMLElement>("#consent"))?.focus();
      return;
    }
    const { name, birth_year, phone, identity, commune_code, address, group } = this.#draft;
    const post: Post = {
      id: newId(),
      name: name.trim(),
      birth_year: Number(birth_year),
      phone: phone.trim(),
      commune_code,
      priority_group: group,
      consent: true,
      ...(identity.trim() ? { identity: identity.trim() } : {}),
      ...(address.trim() ? { address: address.trim() } : {}),
    };
    await registrations.enqueue(this.store, { id: post.id, name: post.name, post });
    // For the next of a household, how to reach them stays.
    this.#draft = { ...blank(), phone, commune_code, address };
    this.#consent = false;
    this.#said = "";
    await this.own.submit(post.id, () => {
      this.render();
      scrollTo(0, 0);
      this.#main.querySelector<HTMLElement>("#mine")?.focus();
    });
  }
}

const blank = (): Record<Name, string> => ({
  name: "",
  birth_year: "",
  phone: "",
  identity: "",
  address: "",
  commune_code: "",
  group: "",
});

const codeOf = ({ code, name }: Commune): Code => ({ value: code, vi: name, en: name });
