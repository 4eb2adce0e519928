import { isPhone } from "../checks";
import { h } from "../dom";
import { vi } from "../texts/sos/vi";
import { requestSync } from "../worker";
import type { SosApp } from "./app";
import { LONGEST_NOTE, MOST_PEOPLE, wholeNumber } from "./draft";
import { field } from "./parts";
import { shrunk } from "./photos";
import {
  type Addition,
  addTo,
  complete,
  type Details,
  type Entry,
  type Post,
  requests,
} from "./store";
import { sign } from "./symbols";
import { type Texts, t } from "./text";

const COUNTS = ["injured", "children", "elderly"] as const;
const NEEDS = [
  "needBoat",
  "needVest",
  "needWater",
  "needFood",
  "needMedicine",
  "needMilk",
  "needBlanket",
] as const satisfies (keyof Texts)[];
const LINES = ["address", "phone", "name", "onBehalfOf"] as const;
const FIELDS = {
  address: "address",
  phone: "phone",
  name: "name",
  onBehalfOf: "on_behalf_of",
} as const;

/** What is being filled in, by request: it outlives the form, which another language makes anew. */
export interface Typed {
  values: Map<string, string>;
  needs: Set<string>;
}

/** What can be added to a request once it is in the queue: details, a note, photos. */
export class DetailsForm {
  readonly element: HTMLElement;
  readonly #app: SosApp;
  readonly #id: string;
  readonly #form: HTMLFormElement;
  readonly #said = h("p", { class: "said", role: "status" });
  readonly #photosSaid = h("p", { class: "said", role: "status" });
  readonly #list = h("ul", { class: "additions" });
  readonly #typed: Typed;
  #faults = new Map<string, string>();

  constructor(app: SosApp, id: string) {
    this.#app = app;
    this.#id = id;
    this.#typed = app.typed(id);
    this.#form = h("form", { novalidate: true });
    this.#form.addEventListener("input", () => this.#keep());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.element = h(
      "div",
      { class: "details" },
      h("h3", {}, t("photos")),
      h("p", { class: "hint" }, t("photosHint", { most: app.form.photos.most })),
      this.#photoButton(),
      this.#photosSaid,
      this.#list,
      h("h3", {}, t("details")),
      h("p", { class: "hint" }, t("detailsHint")),
      this.#form,
      this.#said,
    );
    this.#render();
  }

  /** Shows what was added, and hides the form of a request to which nothing can be added. */
  update(entry: Entry): void {
    const own = this.#additions();
    this.element.hidden = entry.state === "refused" || (entry.receipt?.follow ?? 0) === null;
    let photos = 0;
    this.#list.replaceChildren(
      ...own.map((addition) => {
        const isNote = addition.note !== null;
        if (!isNote) photos += 1;
        return item(addition, isNote ? t("noteSent") : t("photo", { n: photos }));
      }),
    );
  }

  #additions(): Addition[] {
    return this.#app.additions.filter(({ request }) => request === this.#id);
  }

  #render(): void {
    const input = (id: string, more: Record<string, string | number>): HTMLInputElement => {
      const made = h("input", { id, ...more });
      made.value = this.#typed.values.get(id) ?? "";
      return made;
    };
    const counts = COUNTS.map((name) =>
      field(input(name, { inputmode: "numeric", maxlength: 6, autocomplete: "off" }), t(name), {
        fault: this.#faults.get(name),
      }),
    );
    const note = h("textarea", { id: "note", rows: 3, maxlength: LONGEST_NOTE });
    note.value = this.#typed.values.get("note") ?? "";
    this.#form.replaceChildren(
      h("div", { class: "three" }, ...counts),
      h(
        "fieldset",
        {},
        h("legend", {}, t("needs")),
        h("div", { class: "needs" }, ...NEEDS.map((key) => this.#need(key))),
      ),
      field(note, t("note"), { hint: t("noteHint"), fault: this.#faults.get("note") }),
      field(input("address", { autocomplete: "street-address", maxlength: 300 }), t("address"), {
        hint: t("addressHint"),
      }),
      field(input("phone", { type: "tel", autocomplete: "tel", maxlength: 40 }), t("phone"), {
        fault: this.#faults.get("phone"),
      }),
      field(input("name", { autocomplete: "name", maxlength: 120 }), t("name")),
      field(input("onBehalfOf", { autocomplete: "off", maxlength: 120 }), t("onBehalfOf")),
      h("button", { type: "submit", class: "button button-strong wide" }, t("add")),
    );
  }

  #need(key: (typeof NEEDS)[number]): HTMLElement {
    const box = h("input", { type: "checkbox", id: key, checked: this.#typed.needs.has(key) });
    box.addEventListener("change", () => {
      if (box.checked) this.#typed.needs.add(key);
      else this.#typed.needs.delete(key);
    });
    return h("label", { class: "need" }, box, t(key));
  }

  #keep(): void {
    for (const control of this.#form.querySelectorAll<HTMLInputElement>("input[id],textarea"))
      if (control.type !== "checkbox") this.#typed.values.set(control.id, control.value);
  }

  #read(): Details {
    const details: Details = {};
    this.#faults = new Map();
    this.#keep();
    const { values, needs } = this.#typed;
    const filled = (id: string): string => (values.get(id) ?? "").trim();
    for (const name of COUNTS) {
      const text = filled(name);
      const value = wholeNumber(text, 0, MOST_PEOPLE);
      if (value !== null) details[name] = value;
      else if (text) this.#faults.set(name, t("countWrong", { most: MOST_PEOPLE }));
    }
    // What rescuers read is Vietnamese, whatever the language of the page.
    if (needs.size > 0) details.needs = NEEDS.filter((key) => needs.has(key)).map((key) => vi[key]);
    const note = filled("note");
    if (note) details.note = note;
    for (const name of LINES) {
      const text = filled(name);
      if (text) details[FIELDS[name]] = text;
    }
    if (typeof details.phone === "string" && !isPhone(details.phone))
      this.#faults.set("phone", t("phoneWrong"));
    return details;
  }

  async #submit(): Promise<void> {
    const details = this.#read();
    if (this.#faults.size > 0) {
      this.#render();
      this.#form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
      return;
    }
    if (Object.keys(details).length === 0) {
      this.#said.textContent = t("nothing");
      return;
    }
    const joined = await complete(this.#app.store, this.#id, details as Partial<Post>);
    if (!joined) {
      const { note = "", ...fields } = details;
      await addTo(this.#app.store, this.#id, { note: String(note), details: fields });
    }
    this.#typed.values.clear();
    this.#typed.needs.clear();
    this.#render();
    this.#said.textContent = joined || navigator.onLine ? t("added") : t("addedLater");
    this.#send();
  }

  #send(): void {
    void requestSync(requests.name);
    void this.#app.own.reload();
    void this.#app.own.send(false);
  }

  #photoButton(): HTMLElement {
    const chosen = h("input", {
      type: "file",
      id: "photos",
      class: "unseen",
      accept: "image/*",
      multiple: true,
    });
    chosen.addEventListener("change", () => {
      const files = [...(chosen.files ?? [])];
      chosen.value = "";
      void this.#addPhotos(files);
    });
    return h(
      "div",
      { class: "photo-button" },
      chosen,
      h("label", { for: "photos", class: "button wide" }, sign("camera"), t("takePhoto")),
    );
  }

  async #addPhotos(files: File[]): Promise<void> {
    const { most } = this.#app.form.photos;
    const has = this.#additions().filter(({ note, state }) => note === null && state !== "refused");
    let room = most - has.length;
    this.#photosSaid.textContent = "";
    for (const file of files) {
      if (room <= 0) {
        this.#photosSaid.textContent = t("photosFull", { most });
        break;
      }
      try {
        await addTo(this.#app.store, this.#id, { photo: await shrunk(file) });
        room -= 1;
      } catch {
        this.#photosSaid.textContent = t("photoBad");
      }
    }
    this.#send();
  }
}

function item(addition: Addition, title: string): HTMLElement {
  const fault = addition.refused?.faults[0];
  const english = document.documentElement.lang === "en";
  return h(
    "li",
    { class: `state-${addition.state}` },
    h("span", {}, title),
    h("span", { class: "state" }, t(addition.state)),
    addition.state === "refused"
      ? h("p", { class: "fault" }, (english ? fault?.en : fault?.vi) ?? t("additionRefused"))
      : null,
  );
}
