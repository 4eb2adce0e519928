import { button, h } from "../dom";
import { delay, refusal, sure, tryNow } from "../own-parts";
import type { SosApp } from "./app";
import { DetailsForm } from "./details";
import { clock, heading } from "./parts";
import { stateOf } from "./request-list";
import { type Entry, forget } from "./store";
import { sign } from "./symbols";
import { t } from "./text";
import { categoryTitle } from "./what";

/** A request of this device: how it stands, and what can be added to it. */
export class RequestPage {
  readonly element = h("section", { "aria-labelledby": "heading" });
  readonly #app: SosApp;
  readonly #id: string;
  readonly #status = h("div", { class: "request", role: "status" });
  readonly #actions = h("div", { class: "actions" });
  readonly #details: DetailsForm | null;
  #shown = "";

  constructor(app: SosApp, id: string) {
    this.#app = app;
    this.#id = id;
    const entry = this.#entry();
    this.#details = entry ? new DetailsForm(app, id) : null;
    this.element.append(
      entry ? this.#status : heading(t("gone")),
      this.#actions,
      ...(this.#details ? [this.#details.element] : []),
      h(
        "div",
        { class: "request-foot" },
        button({ class: "button wide" }, () => app.go("where"), t("another")),
        entry ? this.#forget() : "",
      ),
    );
    this.update();
  }

  #entry(): Entry | undefined {
    return this.#app.own.all.find(({ id }) => id === this.#id);
  }

  /** Shows how the request stands now; what is being filled in stays. */
  update(): void {
    const entry = this.#entry();
    if (!entry) return;
    this.#details?.update(entry);
    const stands = JSON.stringify([entry, navigator.onLine]);
    if (stands === this.#shown) return;
    this.#shown = stands;
    const focused = this.#status.contains(document.activeElement);
    this.#status.replaceChildren(...this.#standing(entry));
    this.#actions.replaceChildren(...this.#possible(entry));
    if (focused) this.#status.querySelector<HTMLElement>("#heading")?.focus();
  }

  #standing(entry: Entry): HTMLElement[] {
    const about = [categoryTitle(this.#app, entry.post.category)];
    if (entry.post.people !== undefined)
      about.push(t("peopleCount", { n: `${entry.post.people}` }));
    const title = h("h2", { tabindex: -1, id: "heading" }, stateOf(entry));
    const said = h("p", { class: "about" }, about.join(" · "));
    if (entry.receipt) return [title, ...this.#receipt(entry.receipt), said];
    const made = h("p", { class: "about" }, t("made", { time: clock(entry.made_at) }));
    if (entry.state === "refused") return [title, ...refused(entry), said, made];
    return [title, ...waits(entry), said, made];
  }

  #receipt(receipt: NonNullable<Entry["receipt"]>): HTMLElement[] {
    const parts = [
      h("p", { class: "hint" }, t("code")),
      h("p", { class: "big-code" }, receipt.code),
      h("p", { class: "hint" }, t("codeHint")),
      h("p", {}, t("sentAt", { time: clock(receipt.received_at) })),
    ];
    if (receipt.state === "waiting") parts.push(h("p", { class: "caution" }, t("moderated")));
    if (receipt.outside) parts.push(h("p", { class: "caution" }, t("outside")));
    return parts;
  }

  #possible(entry: Entry): HTMLElement[] {
    const { hotline } = this.#app.form;
    const call = h(
      "a",
      { class: "button wide", href: `tel:${hotline.replace(/[^\d+]/g, "")}` },
      sign("phone"),
      t("callLong", { hotline }),
    );
    if (entry.receipt?.follow) return [...followed(entry.receipt.code, entry.receipt.follow), call];
    if (entry.state === "refused" && entry.refused?.status !== 409)
      return [
        button({ class: "button button-strong wide" }, () => this.#app.mend(entry), t("mend")),
        call,
      ];
    return [...tryNow(t, entry, this.#app.own.send), call];
  }

  #forget(): HTMLElement {
    return sure(t("forget"), t("forgetSure"), async () => {
      await forget(this.#app.store, this.#id);
      this.#app.forgetTyped(this.#id);
      await this.#app.own.reload();
      this.#app.go("where");
    });
  }
}

function waits(entry: Entry): HTMLElement[] {
  const parts = delay(t, entry);
  if (parts.length > 0 && entry.attempts > 0)
    parts.push(
      h("p", { class: "about" }, t("tried", { n: entry.attempts, time: clock(entry.tried_at) })),
    );
  return parts;
}

function refused(entry: Entry): HTMLElement[] {
  if (entry.refused?.status === 409 && entry.refused.faults.length === 0)
    return [h("p", {}, t("refusedConflict"))];
  return refusal(t, entry);
}

function followed(code: string, follow: { token: string }): HTMLElement[] {
  const address = new URL(`/sos/follow#${follow.token}`, location.href).href;
  const link = h("a", { class: "button button-strong wide", href: address }, t("follow"));
  if (!navigator.share && !navigator.clipboard) return [link];
  const share = button(
    { class: "button wide" },
    async () => {
      try {
        if (navigator.share)
          await navigator.share({ title: t("shareText", { code }), url: address });
        else {
          await navigator.clipboard.writeText(address);
          share.textContent = t("shared");
        }
      } catch {
        // The person changed their mind, or the browser lets no page share: the link is there.
      }
    },
    t("share"),
  );
  return [link, share];
}
