import { button, h } from "../dom";
import { clock, field } from "../form-parts";
import { fetchJson, HttpError } from "../http";
import { language, onLanguage, pick } from "../locale";
import { degrees } from "../measures";
import { fillBar } from "../menu/bar";
import { type Signed, session } from "../menu/session";
import { Communes } from "./communes";
import { type Draft, FORMS, type Form, type Kind, newDraft, type Option } from "./forms";
import { controlOf, type Lists } from "./parts";
import type { PlaceMap } from "./place";
import { bodyOf, nobody, type Receipt, send, type Told } from "./sending";
import { type Texts, t } from "./text";
import { type Entered, enteredToday, todayPart } from "./today";

const ROLES: readonly string[] = ["operator", "coordinator", "admin"];
const CALLER: readonly (readonly [Told, keyof Texts, string, object])[] = [
  ["phone", "phone", "phone", { type: "tel", maxlength: 40 }],
  ["name", "name", "name", { type: "text", maxlength: 120 }],
  ["commune", "commune", "commune_code", { type: "text", maxlength: 120, list: "communes" }],
  ["address", "address", "address", { type: "text", maxlength: 300 }],
  ["position", "position", "position", { type: "text", maxlength: 2000 }],
];

/** The page: who calls, one of three forms for them, and what the operator has entered today. */
export class HotlineApp {
  #signed: Signed = { signedIn: false, login: "", role: "" };
  #communes = new Communes([]);
  #lists: Lists = {};
  #forms: Form[] = [];
  #kind: Kind = "sos";
  #caller = nobody();
  #drafts: Record<Kind, Draft> = drafts();
  #today: Entered[] | null = null;
  #sending = false;
  #said = "";
  #receipt: { kind: Kind; receipt: Receipt } | null = null;
  readonly #place = h("div", { class: "field wide hotline-place" });
  #map: PlaceMap | null = null;
  readonly #header = h("header", { class: "page-bar staff-bar" });
  readonly #main = h("main", { class: "hotline", tabindex: -1 });

  /** Asks who is signed in and what the forms need, and shows them. */
  async start(): Promise<void> {
    document.body.replaceChildren(this.#header, this.#main);
    this.#head();
    this.#alone(t("loading"));
    try {
      this.#signed = await session();
      if (!this.#signed.signedIn || !ROLES.includes(this.#signed.role)) {
        this.#alone(t("signInHint"), true);
        return;
      }
      await this.#ask();
    } catch {
      this.#alone(t("away"));
      return;
    }
    onLanguage(() => {
      // Its texts are in the map; the words are asked for again with the next place.
      this.#map?.clear();
      this.render();
    });
    addEventListener("keydown", (event) => this.#key(event));
    this.render();
    this.#focus("phone");
  }

  async #ask(): Promise<void> {
    type Asked = Record<string, Option[]>;
    const [communes, sos, declared, consulted, today] = await Promise.all([
      Communes.ask(),
      fetchJson<Asked>("/api/sos/form"),
      fetchJson<Asked>("/api/declarations/form"),
      // A server without consultations has two forms.
      fetchJson<Asked>("/api/consultations/form").catch((error: unknown) => {
        if (error instanceof HttpError && error.status === 404) return null;
        throw error;
      }),
      enteredToday(),
    ]);
    this.#communes = communes;
    this.#today = today;
    this.#lists = {
      categories: sos.categories ?? [],
      symptoms: declared.symptoms ?? [],
      consultSymptoms: consulted?.symptoms ?? [],
      conditions: consulted?.conditions ?? [],
    };
    this.#forms = FORMS.filter(({ kind }) => kind !== "consultation" || consulted !== null);
  }

  /** The button that opens a map; the map is loaded when somebody opens it. */
  #renderPlace(): void {
    if (this.#map) this.#map.render();
    else
      this.#place.replaceChildren(
        button(
          { class: "button", id: "place-toggle", "aria-expanded": "false" },
          () => void this.#openMap(),
          t("mapOpen"),
        ),
        h("p", { role: "status" }),
      );
  }

  async #openMap(): Promise<void> {
    const status = this.#place.querySelector<HTMLElement>("[role=status]") ?? h("p");
    status.textContent = t("mapLoading");
    try {
      const { PlaceMap } = await import("./place");
      this.#map ??= new PlaceMap(this.#place, this.#signed.csrf ?? "", {
        told: () => {
          const [commune = null, another] = this.#communes.find(this.#caller.commune);
          return { position: this.#caller.position, commune: another ? null : commune };
        },
        chosen: (spot) => {
          this.#caller.accuracy_m = spot.accuracy_m;
          this.#write("position", degrees(spot));
        },
        named: (commune) => {
          if (!this.#caller.commune.trim()) this.#write("commune", commune);
        },
      });
    } catch {
      status.textContent = t("mapFailed");
    }
  }

  /** Writes down something of the caller, also in its field. */
  #write(name: Told, text: string): void {
    this.#caller[name] = text;
    const input = document.getElementById(name) as HTMLInputElement | null;
    if (input) input.value = text;
  }

  #alone(text: string, signIn = false): void {
    this.#main.replaceChildren(
      h("p", { class: "hotline-alone", role: "status" }, text),
      signIn ? h("a", { class: "button", href: "/sign-in?next=/hotline" }, t("signIn")) : "",
    );
  }

  #head(): void {
    fillBar(this.#header, t("title"));
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.#send();
      return;
    }
    if (!event.altKey || event.ctrlKey || !/^Digit\d$/.test(event.code)) return;
    const number = Number(event.code.slice(-1));
    const form = this.#forms[number - 1];
    if (number !== 0 && !form) return;
    event.preventDefault();
    if (form) this.#choose(form.kind);
    else this.#next();
  }

  #choose(kind: Kind): void {
    this.#kind = kind;
    this.render();
    this.#main.querySelector<HTMLElement>(".hotline-form :is(input, select, textarea)")?.focus();
  }

  /** Forgets the caller: another one is on the line. */
  #next(): void {
    this.#caller = nobody();
    this.#map?.clear();
    this.#drafts = drafts();
    this.#receipt = null;
    this.#said = "";
    this.render();
    this.#focus("phone");
  }

  #focus(id: string): void {
    document.getElementById(id)?.focus();
  }

  /** Draws all of the page as it stands. */
  render(): void {
    this.#head();
    this.#renderPlace();
    this.#main.replaceChildren(
      h("div", { class: "hotline-work" }, this.#callerPart(), this.#formPart(), this.#outcome()),
      todayPart(this.#today),
    );
  }

  #callerPart(): HTMLElement {
    const { faults } = this.#drafts[this.#kind];
    const fields = CALLER.filter(([name]) => name !== "position" || this.#kind === "sos").map(
      ([name, label, fault, attributes]) => {
        const input = h("input", { id: name, autocomplete: "off", ...attributes });
        input.value = this.#caller[name];
        input.addEventListener("input", () => {
          this.#caller[name] = input.value;
          if (name !== "position") return;
          this.#caller.accuracy_m = null;
          this.#map?.clear();
        });
        return field(input, t(label), { fault: faults.get(fault) });
      },
    );
    return h(
      "section",
      { class: "hotline-caller", "aria-labelledby": "caller-title" },
      h("h2", { id: "caller-title" }, t("caller")),
      h("div", { class: "hotline-fields" }, ...fields, this.#kind === "sos" && this.#place),
      h(
        "datalist",
        { id: "communes" },
        ...this.#communes.all.map(({ label }) => h("option", { value: label })),
      ),
    );
  }

  #formPart(): HTMLElement {
    const tabs = this.#forms.map(({ kind, label }, at) =>
      button(
        {
          id: `tab-${kind}`,
          "aria-pressed": String(kind === this.#kind),
          "aria-keyshortcuts": t("keyForm", { n: at + 1 }),
        },
        () => this.#choose(kind),
        t(label),
        h("kbd", { "aria-hidden": "true" }, t("keyForm", { n: at + 1 })),
      ),
    );
    const form = this.#form();
    const draft = this.#drafts[this.#kind];
    const element = h(
      "form",
      { class: "hotline-form", novalidate: true, "aria-label": t(form.label) },
      h(
        "div",
        { class: "hotline-fields" },
        ...form.controls.map((control) => controlOf(control, draft, this.#lists)),
      ),
      h(
        "div",
        { class: "hotline-buttons" },
        h(
          "button",
          { type: "submit", class: "button button-strong", disabled: this.#sending },
          t("send"),
          h("kbd", { "aria-hidden": "true" }, t("keySend")),
        ),
        button(
          { class: "button", "aria-keyshortcuts": t("keyForm", { n: 0 }) },
          () => this.#next(),
          t("nextCall"),
          h("kbd", { "aria-hidden": "true" }, t("keyForm", { n: 0 })),
        ),
      ),
    );
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    return h(
      "section",
      { "aria-label": t("what") },
      h("div", { class: "hotline-tabs", role: "group", "aria-label": t("what") }, ...tabs),
      element,
    );
  }

  #form(): Form {
    const found = this.#forms.find(({ kind }) => kind === this.#kind) ?? this.#forms[0];
    if (!found) throw new Error("there are no forms");
    return found;
  }

  /** What is read to the caller, or why nothing was sent. */
  #outcome(): HTMLElement {
    const shown: (Node | string)[] = [];
    if (this.#receipt) {
      const { kind, receipt } = this.#receipt;
      shown.push(h("p", {}, t(kind === "declaration" ? "takenDeclaration" : "taken")));
      if (receipt.code)
        shown.push(h("p", { class: "hotline-code" }, receipt.code.split("").join(" ")));
      if (receipt.emergency)
        shown.push(h("p", { class: "fault" }, t("danger", { number: receipt.emergency })));
      if (receipt.valid_until)
        shown.push(h("p", {}, t("validUntil", { until: clock(receipt.valid_until) })));
      if (receipt.next.length > 0)
        shown.push(h("ul", {}, ...receipt.next.map((one) => h("li", {}, pick(one)))));
    }
    if (this.#said) shown.push(h("p", { class: "fault" }, this.#said));
    return h("div", { class: "hotline-outcome", role: "status", tabindex: -1 }, ...shown);
  }

  async #send(): Promise<void> {
    if (this.#sending) return;
    const form = this.#form();
    const draft = this.#drafts[form.kind];
    this.#receipt = null;
    this.#said = "";
    const body = bodyOf(form, draft, this.#caller, this.#communes);
    if (body === null) {
      this.#said = t("mend");
      this.#toFault();
      return;
    }
    this.#sending = true;
    this.render();
    const outcome = await send(form, body, this.#signed.csrf ?? "");
    this.#sending = false;
    if (outcome.kind === "sent") {
      this.#receipt = { kind: form.kind, receipt: outcome.receipt };
      this.#drafts[form.kind] = newDraft();
      this.#today = await enteredToday().catch(() => this.#today);
      this.render();
      this.#main.querySelector<HTMLElement>(".hotline-outcome")?.focus();
      return;
    }
    if (outcome.kind === "later") this.#said = t("later");
    else if (outcome.status === 401 || outcome.status === 403) this.#said = t("signInAgain");
    else if (outcome.status === 409) this.#said = t("already");
    else this.#said = t("refused");
    if (outcome.kind === "refused")
      for (const fault of outcome.faults)
        draft.faults.set(fault.field, fault[language()] || fault.vi);
    this.#toFault();
  }

  #toFault(): void {
    this.render();
    const wrong = this.#main.querySelector<HTMLElement>("[aria-invalid=true]");
    (wrong ?? this.#main.querySelector<HTMLElement>(".hotline-outcome"))?.focus();
  }
}

function drafts(): Record<Kind, Draft> {
  return { sos: newDraft(), declaration: newDraft(), consultation: newDraft() };
}
