import { cards, forgetCard, keepCard } from "../cards";
import { type Commune, communes } from "../communes";
import { keep, keeper, type Store } from "../device-store";
import { h } from "../dom";
import { language, onLanguage } from "../locale";
import { fillBar } from "../menu/bar";
import { type Signed, session } from "../menu/session";
import type { Fault } from "../outbox";
import { OwnMessages } from "../own-messages";
import { goTo, OfflineNote } from "../queue-page";
import { CardPage } from "./card";
import { askForm, type Form } from "./delivery";
import { check, type Draft, draftOf, newDraft, postOf, type Step, stepOf } from "./draft";
import { healthStep } from "./health";
import { homePage } from "./home";
import { placesStep } from "./places";
import { declarations, type Entry, FORM, forgetOld } from "./queue";
import { t } from "./text";
import { whoStep } from "./who";

/** How old the code list may be before it is asked for again. */
const FRESH_MS = 3_600_000;
/** Who declares for others in their own name, as the server has it. */
const STAFF: readonly string[] = ["officer", "operator", "coordinator", "admin"];
const NEXT: Record<Step, Step | null> = { who: "health", health: "places", places: null };

/** The page: the QR codes of this device, three steps to declare, and a page for each declaration. */
export class DeclareApp {
  readonly store: Store;
  readonly own: OwnMessages<Entry>;
  draft: Draft = newDraft();
  form: Form;
  communes: Commune[] = [];
  /** Who is signed in and declares as an officer. */
  staff: Signed | null = null;
  readonly #main = h("main", { class: "sos declare", tabindex: -1 });
  readonly #header = h("header", { class: "page-bar sos-bar" });
  readonly #offline = new OfflineNote(() => t("offline"));
  #card: CardPage | null = null;

  constructor(store: Store, form: Form) {
    this.store = store;
    this.form = form;
    this.own = new OwnMessages({
      ...declarations.driven(store),
      read: () => this.#read(),
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
    void this.#ask();
  }

  /** Asks for what may have changed: who is signed in, the form, the communes. */
  async #ask(): Promise<void> {
    this.communes = await communes(keeper(this.store));
    if (navigator.onLine) {
      const signed = await session().catch(() => null);
      this.staff = signed?.signedIn && STAFF.includes(signed.role) ? signed : null;
      if (Date.now() - this.form.asked_at > FRESH_MS) {
        this.form = (await askForm()) ?? this.form;
        await keep(this.store, FORM, this.form);
      }
    }
    // What somebody is writing stays as it is, but for the lists.
    this.#refresh();
  }

  #refresh(): void {
    const focused = (document.activeElement as HTMLElement | null)?.id;
    this.render();
    if (focused) document.getElementById(focused)?.focus();
  }

  #connected(is: boolean): void {
    this.#offline.render();
    if (is && this.communes.length === 0) void this.#ask();
  }

  /** Goes on from a step, if it is filled in; the last one sends. */
  proceed(step: Step): void {
    const fine = check(this.draft, step, this.staff !== null);
    const next = NEXT[step];
    if (!fine) this.#arrive();
    else if (next) this.go(next);
    else void this.#submit();
  }

  async #submit(): Promise<void> {
    const missing = (["who", "health"] as const).find(
      (step) => !check(this.draft, step, this.staff !== null),
    );
    if (missing) {
      this.go(missing);
      return;
    }
    const post = postOf(this.draft);
    const { id, name } = post;
    await declarations.enqueue(this.store, { id, name, staff: this.staff !== null, post });
    const { phone, commune_code, address } = this.draft;
    this.draft = newDraft({ who: "family", phone, commune_code, address });
    await this.own.submit(id, () => this.go(`card=${id}`));
  }

  /** Begins a declaration; of somebody whose code is on this device, with their name. */
  begin(name = ""): void {
    this.draft = newDraft(name ? { name } : {});
    this.go("who");
  }

  #leadsBack(entry: Entry): boolean {
    const asked = entry.refused?.faults.some(({ field }) => stepOf(field) !== null);
    if (!asked || this.#here() !== `card=${entry.id}`) return false;
    this.mend(entry);
    return true;
  }

  /** A refused declaration as a draft again, at the step that asks for its first fault. */
  mend(entry: Entry): void {
    if (!entry.post) return;
    const faults = entry.refused?.faults ?? [];
    this.draft = draftOf(entry.post, faults, (fault: Fault) => fault[language()] || fault.vi);
    const step = faults.map(({ field }) => stepOf(field)).find((one) => one !== null);
    this.go(step ?? "who");
  }

  /** Reads the queue, and keeps the cards that came. */
  async #read(): Promise<Entry[]> {
    const all = await declarations.all(this.store);
    const known = new Set(cards().map(({ token }) => token));
    for (const { state, name, receipt } of all)
      if (state === "sent" && receipt?.card && !known.has(receipt.card.token))
        keepCard({ name, ...receipt.card });
    return all;
  }

  #show(): void {
    this.#card?.update();
    const home = this.#main.querySelector(".home");
    if (home && this.#here() === "home") home.replaceWith(homePage(this));
  }

  /** Forgets a card that this device has of somebody. */
  forgetCard(entry: Entry): void {
    if (entry.receipt?.card) forgetCard(entry.receipt.card.token);
  }

  #here(): Step | "home" | `card=${string}` {
    const hash = location.hash.slice(1);
    if (hash.startsWith("card=")) return hash as `card=${string}`;
    if (hash === "who" || hash === "health" || hash === "places") return hash;
    return this.own.all.length > 0 ? "home" : "who";
  }

  /** Goes to a step or a declaration; the browser's own way back leads here again. */
  go(where: Step | "home" | `card=${string}`): void {
    const hash = where === "home" ? "" : where;
    goTo(hash, () => this.#arrive());
  }

  #arrive(): void {
    this.render();
    scrollTo(0, 0);
    const wrong = this.#main.querySelector<HTMLElement>("[aria-invalid=true], .fault");
    const control = wrong?.matches(".fault")
      ? wrong.parentElement?.querySelector<HTMLElement>("button, input, select")
      : wrong;
    (control ?? this.#main.querySelector<HTMLElement>("#heading"))?.focus();
  }

  /** Draws all of the page as it stands. */
  render(): void {
    const here = this.#here();
    this.#renderHeader();
    this.#offline.render();
    this.#card = null;
    if (here === "home") this.#main.replaceChildren(homePage(this));
    else if (here === "who") this.#main.replaceChildren(whoStep(this));
    else if (here === "health") this.#main.replaceChildren(healthStep(this));
    else if (here === "places") this.#main.replaceChildren(placesStep(this));
    else {
      this.#card = new CardPage(this, here.slice("card=".length));
      this.#main.replaceChildren(this.#card.element);
    }
  }

  #renderHeader(): void {
    fillBar(this.#header, t("title"));
  }
}
