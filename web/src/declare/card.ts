import { button, h } from "../dom";
import { clock } from "../form-parts";
import { pick } from "../locale";
import { delay, refusal, sure, tryNow } from "../own-parts";
import { qrDrawing, qrPicture } from "../qr";
import type { DeclareApp } from "./app";
import { revoke } from "./delivery";
import { isOver, stateOf } from "./home";
import { declarations, type Entry, type Receipt } from "./queue";
import { t } from "./text";

type Card = NonNullable<Receipt["card"]>;

/** A declaration of this device: how it stands, and once it is sent its QR. */
export class CardPage {
  readonly element = h("section", { class: "card-page", "aria-labelledby": "heading" });
  readonly #app: DeclareApp;
  readonly #id: string;
  #shown = "";

  constructor(app: DeclareApp, id: string) {
    this.#app = app;
    this.#id = id;
    this.update();
  }

  /** Shows how it stands, if that has changed. */
  update(): void {
    const entry = this.#app.own.all.find(({ id }) => id === this.#id);
    const stands = JSON.stringify([entry, navigator.onLine]);
    if (stands === this.#shown) return;
    this.#shown = stands;
    const focused = this.element.contains(document.activeElement);
    this.element.replaceChildren(...(entry ? this.#parts(entry) : [gone()]), this.#foot(entry));
    if (focused) this.element.querySelector<HTMLElement>("#heading")?.focus();
  }

  #parts(entry: Entry): HTMLElement[] {
    if (entry.receipt) return this.#sent(entry, entry.receipt);
    const title = h("h2", { tabindex: -1, id: "heading" }, entry.name);
    const state = h("p", { role: "status" }, stateOf(entry));
    const made = h("p", { class: "about" }, t("made", { time: clock(entry.made_at) }));
    if (entry.state === "refused")
      return [
        title,
        state,
        ...refusal(t, entry),
        made,
        button({ class: "button button-strong wide" }, () => this.#app.mend(entry), t("mend")),
      ];
    return [title, state, ...delay(t, entry), made, ...tryNow(t, entry, this.#app.own.send)];
  }

  #sent(entry: Entry, receipt: Receipt): HTMLElement[] {
    const { name } = entry;
    const title = h("h2", { tabindex: -1, id: "heading" }, t("cardOf", { name }));
    const valid = Date.parse(receipt.valid_until) > Date.now();
    const until = h(
      "p",
      { class: valid ? "about" : "caution" },
      t(valid ? "validUntil" : "validOver", { time: clock(receipt.valid_until) }),
    );
    if (!receipt.card || isOver(entry))
      return [title, h("p", { class: "caution" }, t(receipt.card ? "cardOver" : "noCard"))];
    const steps = receipt.next.filter(({ code }) => code !== "show_card");
    return [
      title,
      h(
        "div",
        { class: "qr-frame" },
        qrDrawing(receipt.card.token, t("qrLabel", { name })),
        h("p", { class: "qr-name" }, name),
      ),
      steps.length > 0
        ? h(
            "div",
            { class: "caution" },
            h("p", {}, t("nextSteps")),
            h("ul", { class: "next-steps" }, ...steps.map((step) => h("li", {}, pick(step)))),
          )
        : h("p", { class: "unseen", role: "status" }, t("sent")),
      h("p", { class: "about" }, t("cardUntil", { time: clock(receipt.card.expires_at) })),
      until,
      h("p", { class: "hint" }, t("brightness")),
      this.#download(entry, receipt.card),
    ];
  }

  #download(entry: Entry, card: Card): HTMLElement {
    const save = async (): Promise<void> => {
      const until = t("cardUntil", { time: clock(card.expires_at) });
      const picture = await qrPicture(card.token, [entry.name, until]);
      const address = URL.createObjectURL(picture);
      h("a", { href: address, download: `qr-${entry.id.slice(0, 8)}.png` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    };
    return h(
      "div",
      { class: "actions" },
      button({ class: "button wide" }, () => void save(), t("download")),
    );
  }

  #foot(entry: Entry | undefined): HTMLElement {
    const foot = h("div", { class: "request-foot" });
    if (entry?.receipt) {
      const { name } = entry;
      foot.append(
        button({ class: "button button-strong wide" }, () => this.#app.go("who"), t("another")),
        button({ class: "button wide" }, () => this.#app.begin(name), t("again")),
      );
    }
    foot.append(button({ class: "button wide" }, () => this.#app.go("home"), t("all")));
    if (!entry) return foot;
    const { receipt } = entry;
    if (receipt?.card && !isOver(entry)) foot.append(this.#revoke(entry, receipt.card));
    else if (entry.state !== "sending") foot.append(this.#forget(entry));
    return foot;
  }

  #revoke(entry: Entry, { token }: Card): HTMLElement {
    const failed = h("p", { class: "fault", role: "alert", hidden: true }, t("revokeFailed"));
    const act = async (): Promise<void> => {
      if (await revoke(token)) await this.#leave(entry);
      else failed.hidden = false;
    };
    return h("div", {}, sure(t("revoke"), t("revokeSure"), act), failed);
  }

  #forget(entry: Entry): HTMLElement {
    return sure(t("forget"), t("forgetSure"), () => this.#leave(entry));
  }

  async #leave(entry: Entry): Promise<void> {
    this.#app.forgetCard(entry);
    await declarations.forget(this.#app.store, entry.id);
    await this.#app.own.reload();
    this.#app.go("home");
  }
}

const gone = (): HTMLElement => h("h2", { tabindex: -1, id: "heading" }, t("gone"));
