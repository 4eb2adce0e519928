// What /consult does without a network: what was filled in is kept and sent once there is one.
import type { Store } from "../device-store";
import { button, h } from "../dom";
import { clock } from "../form-parts";
import { OwnMessages } from "../own-messages";
import { delay, refusal, sure, tryNow } from "../own-parts";
import { registerWorker } from "../worker";
import { check, fillIn, forgive, postOf } from "./form";
import { consultations, type Entry, forgetOld, openConsultations } from "./queue";
import { t } from "./text";

/** Has a form that the server wrote be sent later where there is no network now. */
export async function consult(form: HTMLFormElement): Promise<void> {
  void registerWorker();
  const store = await openConsultations();
  await forgetOld(store);
  await new Consult(form, store).start();
}

class Consult {
  readonly #form: HTMLFormElement;
  readonly #store: Store;
  readonly #emergency: string;
  readonly #own: OwnMessages<Entry>;
  readonly #offline = h("p", { class: "box", role: "status" });
  readonly #mine = h("section", { class: "own-requests", "aria-labelledby": "mine" });
  /** The refused request that is being mended. */
  #mended: string | undefined;

  constructor(form: HTMLFormElement, store: Store) {
    this.#form = form;
    this.#store = store;
    this.#emergency = form.dataset.consult ?? "";
    this.#own = new OwnMessages<Entry>({
      ...consultations.driven(store),
      show: () => this.#show(),
      connected: () => this.#tellOffline(),
    });
  }

  async start(): Promise<void> {
    await this.#own.reload();
    this.#form.before(this.#offline, this.#mine);
    this.#form.addEventListener("input", () => forgive(this.#form));
    this.#form.addEventListener("submit", (event) => {
      // With a network the server answers with a page of its own.
      if (navigator.onLine && this.#mended === undefined) return;
      event.preventDefault();
      if (check(this.#form)) void this.#keep();
    });
    this.#tellOffline();
    this.#own.begin();
  }

  #tellOffline(): void {
    this.#offline.hidden = navigator.onLine;
    this.#offline.textContent = navigator.onLine ? "" : t("offline");
  }

  #show(): void {
    const { all } = this.#own;
    this.#mine.hidden = all.length === 0;
    this.#mine.replaceChildren(
      h("h2", { id: "mine", tabindex: -1 }, t("mine")),
      ...all.map((entry) => this.#item(entry)),
    );
  }

  #item(entry: Entry): HTMLElement {
    const { receipt } = entry;
    const danger = receipt ? receipt.danger : entry.danger;
    const number = this.#emergency;
    return h(
      "div",
      { class: "box" },
      h(
        "div",
        { role: "status" },
        h("h3", {}, t(entry.state, { code: receipt?.code ?? "" })),
        ...(entry.state === "waiting" ? delay(t, entry) : []),
        ...(entry.state === "refused" ? refusal(t, entry) : []),
        h("p", {}, t("made", { time: clock(entry.made_at) })),
      ),
      danger && h("p", { class: "fault" }, h("strong", {}, t("danger", { number }))),
      h(
        "div",
        { class: "own-actions" },
        danger &&
          h("a", { class: "button button-danger", href: `tel:${number}` }, t("call", { number })),
        ...this.#actions(entry),
      ),
    );
  }

  #actions(entry: Entry): HTMLElement[] {
    const { id, state, receipt, post } = entry;
    const actions = tryNow(t, entry, this.#own.send);
    if (receipt)
      actions.push(
        h(
          "a",
          { class: "button button-strong", href: `/consult/mine#${receipt.token}` },
          t("follow"),
        ),
      );
    if (state === "refused" && post)
      actions.push(
        button(
          { class: "button" },
          () => {
            this.#mended = id;
            fillIn(this.#form, post);
            this.#form.querySelector<HTMLElement>("input:not([type=hidden])")?.focus();
          },
          t("mend"),
        ),
      );
    const forget = sure(t("forget"), t("forgetSure"), async () => {
      await consultations.forget(this.#store, id);
      await this.#own.reload();
    });
    return [...actions, forget];
  }

  async #keep(): Promise<void> {
    const post = postOf(this.#form, this.#mended);
    const danger = this.#form.querySelector("[data-danger]:checked") !== null;
    await consultations.enqueue(this.#store, { id: post.id, danger, post });
    this.#mended = undefined;
    this.#form.reset();
    await this.#own.submit(post.id, () => {
      this.#mine.scrollIntoView();
      this.#mine.querySelector<HTMLElement>("h2")?.focus();
    });
  }
}
