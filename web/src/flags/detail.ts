import { button, DRAWINGS, drawing, h } from "../dom";
import { clock, field } from "../form-parts";
import { HttpError } from "../http";
import { pick } from "../locale";
import { change, type Declared, type Detail, detail, type Sample } from "./api";
import { type FlagsApp, why } from "./app";
import { kindsOf, stateOf } from "./list";
import { t } from "./text";

/** A flag in full: whom it is about, how to call them, what they declared, and what came of it. */
export class DetailPanel {
  readonly element = h("section", { class: "flag-detail", "aria-live": "off" });
  readonly #app: FlagsApp;
  #chosen: number | null = null;
  #flag: Detail | null = null;
  #note = "";
  #failed = "";

  constructor(app: FlagsApp) {
    this.#app = app;
  }

  /** Shows a flag; null for none. */
  async show(id: number | null): Promise<void> {
    this.#chosen = id;
    this.#flag = null;
    this.#note = "";
    this.#failed = "";
    this.render();
    if (id === null) return;
    try {
      const found = await detail(id);
      if (this.#chosen === id) this.#flag = found;
    } catch (error) {
      if (this.#chosen === id) this.#failed = why(error);
    }
    this.render();
    this.element.querySelector<HTMLElement>("h2")?.focus();
  }

  render(): void {
    const flag = this.#flag;
    if (!flag) {
      const text = this.#failed || t("loading");
      this.element.replaceChildren(back(), h("p", { class: "flag-alone", role: "status" }, text));
      return;
    }
    const { person } = flag;
    const about = [
      person.birth_year === null ? "" : t("born", { year: String(person.birth_year) }),
      person.sex === null ? "" : t(person.sex),
    ];
    this.element.replaceChildren(
      back(),
      h("div", { class: "flag-head" }, h("h2", { tabindex: -1 }, person.name), stateOf(flag)),
      kindsOf(this.#app, flag),
      h("p", { class: "flag-about" }, about.filter(Boolean).join(" · ")),
      ...(person.said_name
        ? [h("p", { class: "flag-caution" }, t("saidName", { name: person.said_name }))]
        : []),
      person.phone
        ? h(
            "a",
            { class: "button button-strong flag-call", href: `tel:${person.phone}` },
            t("call", { phone: person.phone }),
          )
        : h("p", { class: "flag-caution" }, t("noPhone")),
      this.#facts(flag),
      ...this.#work(flag),
      ...(flag.declarations.length > 1 ? this.#history(flag) : []),
    );
  }

  #facts(flag: Detail): HTMLElement {
    const { declaration, person, sample } = flag;
    const where = [person.address, flag.commune, flag.district].filter(Boolean).join(", ");
    const rows: [string, string][] = [
      [t("address"), where],
      ...(sample ? found(sample) : []),
      ...(declaration ? this.#declared(declaration, flag.zones) : []),
    ];
    return h(
      "dl",
      {},
      ...rows.flatMap(([name, value]) =>
        value === "" ? [] : [h("dt", {}, name), h("dd", {}, value)],
      ),
    );
  }

  #declared(declaration: Declared, zones: string[]): [string, string][] {
    const by = this.#app.words.declared_by.find(({ value }) => value === declaration.declared_by);
    return [
      [t("symptoms"), this.#symptoms(declaration)],
      [t("contact"), t(declaration.contact ? "yes" : "no")],
      [t("places"), [...declaration.places, ...declaration.elsewhere].join(", ")],
      [t("zones"), zones.join("; ")],
      [t("declaredBy"), by ? pick(by) : ""],
      [t("madeAt"), clock(declaration.made_at)],
    ];
  }

  #symptoms({ symptoms }: Declared): string {
    const found = this.#app.words.symptoms.filter(({ value }) => symptoms.includes(value));
    return found.length > 0 ? found.map(pick).join(", ") : t("noSymptoms");
  }

  #work(flag: Detail): HTMLElement[] {
    const parts: HTMLElement[] = [];
    if (flag.seen_by && flag.seen_at) parts.push(said("takenBy", flag.seen_by, flag.seen_at));
    if (flag.closed_by && flag.closed_at) {
      parts.push(said("closedBy", flag.closed_by, flag.closed_at));
      parts.push(h("p", { class: "flag-note" }, flag.note ?? ""));
    }
    if (flag.state === "open")
      parts.push(button({ class: "button" }, () => void this.#change(flag, "seen", {}), t("take")));
    if (flag.state !== "closed") parts.push(this.#closing(flag));
    if (flag.cards > 0) parts.push(this.#revoking(flag));
    if (this.#failed) parts.push(h("p", { class: "fault", role: "alert" }, this.#failed));
    return parts;
  }

  #closing(flag: Detail): HTMLElement {
    const note = h("textarea", { id: "note", rows: 3, maxlength: 4000 });
    note.value = this.#note;
    note.addEventListener("input", () => {
      this.#note = note.value;
    });
    const form = h(
      "form",
      { novalidate: true, class: "flag-closing" },
      field(note, t("note"), { hint: t("noteHint") }),
      h("button", { type: "submit", class: "button button-strong" }, t("close")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = note.value.trim();
      if (text !== "") void this.#change(flag, "close", { note: text });
      else {
        this.#failed = t("noteMissing");
        this.render();
        this.element.querySelector<HTMLElement>("#note")?.focus();
      }
    });
    return form;
  }

  #revoking(flag: Detail): HTMLElement {
    const text = t("revoke", { n: flag.cards });
    const element = button(
      { class: "button" },
      () => {
        if (element.textContent === t("revokeSure")) void this.#change(flag, "revoke", {});
        else element.textContent = t("revokeSure");
      },
      text,
    );
    element.addEventListener("blur", () => {
      element.textContent = text;
    });
    return element;
  }

  async #change(flag: Detail, what: "seen" | "close" | "revoke", body: object): Promise<void> {
    this.#failed = "";
    try {
      this.#flag = await change(flag.id, what, body, this.#app.signed.csrf ?? "");
      if (what === "close") this.#note = "";
    } catch (error) {
      this.#failed = t("failed", { why: why(error) });
      // Somebody else was quicker: as it stands now.
      if (error instanceof HttpError && error.status === 409)
        this.#flag = await detail(flag.id).catch(() => flag);
    }
    this.render();
    this.element.querySelector<HTMLElement>("h2")?.focus();
    this.#app.changed();
  }

  #history(flag: Detail): HTMLElement[] {
    return [
      h("h3", {}, t("history")),
      h(
        "ul",
        { class: "flag-history" },
        ...flag.declarations.map((one) =>
          h("li", {}, h("b", {}, clock(one.made_at)), " ", this.#symptoms(one)),
        ),
      ),
    ];
  }
}

function said(key: "takenBy" | "closedBy", login: string, at: string): HTMLElement {
  return h("p", { class: "flag-about" }, t(key, { login, time: clock(at) }));
}

function found({ code, method, resulted_at, site }: Sample): [string, string][] {
  return [
    [t("sample"), t("sampleOf", { code, method: t(method), time: clock(resulted_at) })],
    [t("site"), site ?? ""],
  ];
}

function back(): HTMLElement {
  return h("a", { class: "button flag-back", href: "#" }, drawing(DRAWINGS.back), t("back"));
}
