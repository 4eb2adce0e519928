import { button, h } from "../dom";
import { language, onLanguage } from "../locale";
import { fillBar } from "../menu/bar";
import type { Fault } from "../outbox";
import { goTo, keepInStep, OfflineNote, sender } from "../queue-page";
import { requestSync } from "../worker";
import { type Commune, communes } from "./communes";
import { askForm, type Form } from "./delivery";
import type { Typed } from "./details";
import { type Draft, draftOf, newDraft, postOf, type Step, stepOf } from "./draft";
import { locate, type Measured } from "./locate";
import { peopleStep } from "./people";
import { FORM, flush, nextIn, QUEUE, tell } from "./queue";
import { RequestPage } from "./request";
import { requestList } from "./request-list";
import {
  type Addition,
  type Entry,
  enqueue,
  everything,
  forgetOld,
  keep,
  type Store,
  wake,
} from "./store";
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
  draft: Draft = newDraft();
  form: Form;
  communes: Commune[] = [];
  entries: Entry[] = [];
  additions: Addition[] = [];
  readonly #main = h("main", { class: "sos", tabindex: -1 });
  readonly #header = h("header", { class: "page-bar sos-bar" });
  readonly #offline = new OfflineNote(() => t("offline"));
  readonly #where: WhereStep;
  #page: RequestPage | null = null;
  #stopLocating: (() => void) | null = null;
  readonly #typed = new Map<string, Typed>();
  /** The request that was sent from this page last: if it is refused, the page leads to the fault. */
  #sentNow: string | null = null;

  /** Sends what is due; with `woken`, also what waits for its next try. */
  readonly send = sender({
    wake: () => wake(this.store),
    flush: async () => {
      await flush(this.store, () => {
        tell();
        void this.reload();
      });
      await this.reload();
    },
    nextIn: () => nextIn(this.store),
  });

  constructor(store: Store, form: Form) {
    this.store = store;
    this.form = form;
    this.#where = new WhereStep(this);
  }

  /** Puts the page together, and sends what waits. */
  async start(): Promise<void> {
    document.body.replaceChildren(this.#header, this.#offline.element, this.#main);
    await forgetOld(this.store);
    await this.reload();
    this.render();
    onLanguage(() => this.render());
    addEventListener("hashchange", () => this.#arrive());
    keepInStep(QUEUE, {
      connected: (is) => this.#connected(is),
      seen: (is) => void (is && this.send(true)),
      changed: () => void this.reload(),
    });
    void this.send(true);
    void this.#refreshForm();
    void communes(this.store).then((found) => {
      this.communes = found;
      this.#where.update();
    });
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
    if (is) {
      void this.send(true);
      if (this.communes.length === 0)
        void communes(this.store).then((found) => {
          this.communes = found;
          this.#where.update();
        });
    } else void this.reload();
  }

  /** Puts the draft into the queue, shows it there and sends it. */
  async submit(): Promise<void> {
    this.#stopLocating?.();
    const post = postOf(this.draft);
    await enqueue(this.store, post);
    this.#sentNow = post.id;
    this.draft = newDraft();
    await this.reload();
    this.go(`request=${post.id}`);
    await requestSync(QUEUE);
    void this.send(false);
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

  /** A refused request as a draft again, at the step that asks for its first fault. */
  mend(entry: Entry): void {
    const faults = entry.refused?.faults ?? [];
    this.draft = draftOf(entry.post, faults, (fault: Fault) => fault[language()] || fault.vi);
    this.#where.open(this.draft.place);
    const step = faults.map(({ field }) => stepOf(field)).find((one) => one !== null);
    this.go(step ?? "people");
  }

  /** Reads the queue again and shows what has changed. */
  async reload(): Promise<void> {
    ({ entries: this.entries, additions: this.additions } = await everything(this.store));
    const now = this.entries.find(({ id }) => id === this.#sentNow);
    if (now?.state === "sent") this.#sentNow = null;
    if (now?.state === "refused" && this.#here() === `request=${now.id}`) {
      this.#sentNow = null;
      if (now.refused?.faults.some(({ field }) => stepOf(field))) {
        this.mend(now);
        return;
      }
    }
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
