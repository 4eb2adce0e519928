import { button, h } from "../dom";
import type { Fault } from "../outbox";
import { canSync } from "../worker";
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
    return this.#app.entries.find(({ id }) => id === this.#id);
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
    if (entry.state === "refused") return [title, ...refusal(entry), said, made];
    return [title, ...delay(entry), said, made];
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
    if (entry.state === "waiting" && navigator.onLine)
      return [
        button(
          { class: "button button-strong wide" },
          () => void this.#app.send(true),
          t("tryNow"),
        ),
        call,
      ];
    return [call];
  }

  #forget(): HTMLElement {
    const element = button(
      { class: "button wide" },
      async () => {
        if (element.textContent !== t("forgetSure")) {
          element.textContent = t("forgetSure");
          return;
        }
        await forget(this.#app.store, this.#id);
        this.#app.forgetTyped(this.#id);
        await this.#app.reload();
        this.#app.go("where");
      },
      t("forget"),
    );
    element.addEventListener("blur", () => {
      element.textContent = t("forget");
    });
    return element;
  }
}

function delay(entry: Entry): HTMLElement[] {
  if (entry.state === "sending") return [];
  const why =
    entry.delay === "busy"
      ? t("waitingBusy")
      : entry.delay === "server"
        ? t("waitingServer")
        : t("waitingOffline");
  const parts = [h("p", {}, why), h("p", {}, canSync() ? t("waitingSync") : t("waitingOpen"))];
  if (entry.attempts > 0)
    parts.push(
      h("p", { class: "about" }, t("tried", { n: entry.attempts, time: clock(entry.tried_at) })),
    );
  return parts;
}

function refusal(entry: Entry): HTMLElement[] {
  const { status, faults } = entry.refused ?? { status: 0, faults: [] };
  if (faults.length > 0)
    return [
      h("p", {}, t("refusedFields")),
      h("ul", { class: "faults" }, ...faults.map((fault) => h("li", {}, sayFault(fault)))),
    ];
  return [h("p", {}, status === 409 ? t("refusedConflict") : t("refusedOther", { status }))];
}

const sayFault = (fault: Fault): string =>
  document.documentElement.lang === "en" ? fault.en : fault.vi;

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
