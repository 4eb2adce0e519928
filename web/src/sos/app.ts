import { type Commune, communes } from "../communes";
import { keep, keeper, type Store } from "../device-store";
import { button, h } from "../dom";
import { language, onLanguage } from "../locale";
import { fillBar } from "../menu/bar";
import type { Fault } from "../outbox";
import { OwnMessages } from "../own-messages";
import { goTo, OfflineNote } from "../queue-page";
import { askForm, type Form } from "./delivery";
import type { Typed } from "./details";
import { type Draft, draftOf, newDraft, postOf, type Step, stepOf } from "./draft";
import { locate, type Measured } from "./locate";
import { peopleStep } from "./people";
import { flush, nextIn } from "./queue";
import { RequestPage } from "./request";
import { requestList } from "./request-list";
import { type Addition, type Entry, everything, FORM, forgetOld, requests, wake } from "./store";
import { sign } from "./symbols";
import { t } from "./text";
import { whatStep } from "./what";
import { WhereStep } from "./where";

/** How exact a measured position has to be for the page to go on by itself, in metres. */
const GOOD_M = 500;
/** How old the hotline and the code list may be before they are asked for again. */
const FRESH_MS = 3_600_000;

/** The page: three steps to write a request, and a page for each request on this device. */
export class SosApp {
  readonly store: Store;
  readonly own: OwnMessages<Entry>;
  draft: Draft = newDraft();
  form: Form;
  communes: Commune[] = [];
  additions: Addition[] = [];
  readonly #main = h("main", { class: "sos", tabindex: -1 });
  readonly #header = h("header", { class: "page-bar sos-bar" });
  readonly #offline = new OfflineNote(() => t("offline"));
  readonly #where: WhereStep;
  #page: RequestPage | null = null;
  #stopLocating: (() => void) | null = null;
  readonly #typed = new Map<string, Typed>();

  constructor(store: Store, form: Form) {
    this.store = store;
    this.form = form;
    this.#where = new WhereStep(this);
    this.own = new OwnMessages({
      queue: requests.name,
      read: () => this.#read(),
      wake: () => wake(store),
      flush: (changed) => flush(store, changed),
      nextIn: () => nextIn(store),
      show: () => this.#show(),
      connected: (is) => this.#connected(is),
      leadsBack: (entry) => this.#leadsBack(entry),
    });
  }

  /** Puts the page together, and sends what waits. */
  async start(): Promise<void> {
    document.body.replaceChildren(this.#header, this.#offline.element, this.#main);
    await forgetOld(this.store);
    await this.own.reload();
    this.render();
    onLanguage(() => this.render());
    addEventListener("hashchange", () => this.#arrive());
    this.own.begin();
    void this.#refreshForm();
    void this.#askCommunes();
  }

  async #askCommunes(): Promise<void> {
    this.communes = await communes(keeper(this.store));
    this.#where.update();
  }

  async #refreshForm(): Promise<void> {
    if (!navigator.onLine || Date.now() - this.form.asked_at < FRESH_MS) return;
    const form = await askForm();
    if (!form) return;
    this.form = form;
    await keep(this.store, FORM, form);
    this.#renderHeader();
  }

  #connected(is: boolean): void {
    this.#offline.render();
    this.#where.update();
    if (is && this.communes.length === 0) void this.#askCommunes();
  }

  /** Puts the draft into the queue, shows it there and sends it. */
  async submit(): Promise<void> {
    this.#stopLocating?.();
    const post = postOf(this.draft);
    const { id } = post;
    await requests.enqueue(this.store, { id, post });
    this.draft = newDraft();
    await this.own.submit(id, () => this.go(`request=${id}`));
  }

  /** What is being filled in about a request of this device. */
  typed(id: string): Typed {
    const known = this.#typed.get(id) ?? { values: new Map(), needs: new Set() };
    this.#typed.set(id, known);
    return known;
  }

  forgetTyped(id: string): void {
    this.#typed.delete(id);
  }

  #leadsBack(entry: Entry): boolean {
    const asked = entry.refused?.faults.some(({ field }) => stepOf(field) !== null);
    if (!asked || this.#here() !== `request=${entry.id}`) return false;
    this.mend(entry);
    return true;
  }

  /** A refused request as a draft again, at the step that asks for its first fault. */
  mend(entry: Entry): void {
    const faults = entry.refused?.faults ?? [];
    this.draft = draftOf(entry.post, faults, (fault: Fault) => fault[language()] || fault.vi);
    this.#where.open(this.draft.place);
    const step = faults.map(({ field }) => stepOf(field)).find((one) => one !== null);
    this.go(step ?? "people");
  }

  async #read(): Promise<Entry[]> {
    const { entries, additions } = await everything(this.store);
    this.additions = additions;
    return entries;
  }

  #show(): void {
    this.#page?.update();
    const list = this.#main.querySelector(".requests");
    if (list && this.#here() === "where") list.replaceWith(requestList(this));
  }

  #here(): string {
    const hash = location.hash.slice(1);
    if (hash.startsWith("request=")) return hash;
    if (hash === "what" && this.draft.place) return hash;
    if (hash === "people" && this.draft.place && this.draft.category) return hash;
    return "where";
  }

  /** Goes to a step or a request; the browser's own way back leads here again. */
  go(where: Step | `request=${string}`): void {
    const hash = where === "where" ? "" : where;
    goTo(hash, () => this.#arrive());
  }

  #arrive(): void {
    this.render();
    scrollTo(0, 0);
    const wrong = this.#main.querySelector<HTMLElement>("[aria-invalid=true]");
    (wrong ?? this.#main.querySelector<HTMLElement>("#heading"))?.focus();
  }

  /** Starts to measure the position: the page goes on once it is good enough. */
  locate(): void {
    this.#stopLocating?.();
    this.#where.say("gpsWaiting");
    let first = true;
    this.#stopLocating = locate(
      (position) => {
        this.#found(position, first);
        first = false;
      },
      (denied) => this.#where.say(denied ? "gpsDenied" : "gpsFailed"),
    );
  }

  #found(position: Measured, first: boolean): void {
    // Somebody who has chosen another way meanwhile means that one.
    if (!first && this.draft.place?.way !== "gps") {
      this.#stopLocating?.();
      return;
    }
    this.draft.place = { way: "gps", ...position };
    for (const name of ["lon", "lat"]) this.draft.faults.delete(name);
    if (this.#here() === "where") {
      if (position.accuracy_m <= GOOD_M) this.go("what");
      else this.#where.update();
    } else if (!this.#page) this.#main.querySelector(".place-now")?.replaceWith(this.placeNow());
  }

  /** What is known of the place, with the way to change it. */
  placeNow(): HTMLElement {
    return h(
      "p",
      { class: "place-now" },
      sign("locate"),
      h("span", {}, this.#where.described()),
      button({ class: "link-button" }, () => this.go("where"), t("change")),
    );
  }

  /** Draws all of the page as it stands. */
  render(): void {
    const here = this.#here();
    this.#renderHeader();
    this.#offline.render();
    this.#page = null;
    if (here === "what") this.#main.replaceChildren(whatStep(this));
    else if (here === "people") this.#main.replaceChildren(peopleStep(this));
    else if (here === "where") this.#main.replaceChildren(this.#where.render(), requestList(this));
    else {
      this.#page = new RequestPage(this, here.slice("request=".length));
      this.#main.replaceChildren(this.#page.element);
    }
  }

  #renderHeader(): void {
    const { hotline } = this.form;
    fillBar(
      this.#header,
      t("title"),
      h(
        "a",
        { class: "hotline", href: `tel:${hotline.replace(/[^\d+]/g, "")}` },
        sign("phone"),
        t("call", { hotline }),
      ),
    );
  }
}
