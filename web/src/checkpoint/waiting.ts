import { button, h } from "../dom";
import { clock } from "../form-parts";
import { pick, type Values } from "../locale";
import type { Entry } from "./store";

type Key =
  | "waiting"
  | "refused"
  | "goingIn"
  | "goingOut"
  | "delayOffline"
  | "delayBusy"
  | "delayServer"
  | "sendNow"
  | "dismiss";

interface Words {
  t: (key: Key, values?: Values) => string;
  /** Why nothing is sent while nobody is signed in. */
  signedOut: () => string;
}

/** What of a device has not been taken: how many wait and why, and each that was refused. */
export class WaitingEvents {
  readonly element = h("div", { class: "left" });
  readonly #words: Words;
  readonly #send: () => void;
  readonly #dismiss: (id: string) => void;

  constructor(words: Words, send: () => void, dismiss: (id: string) => void) {
    this.#words = words;
    this.#send = send;
    this.#dismiss = dismiss;
  }

  show(entries: readonly Entry[]): void {
    const waiting = entries.filter(({ state }) => state !== "refused");
    const refused = entries.filter(({ state }) => state === "refused");
    this.element.replaceChildren(
      ...(waiting.length > 0 ? [this.#waiting(waiting)] : []),
      ...refused.map((one) => this.#refused(one)),
    );
  }

  #waiting(entries: readonly Entry[]): HTMLElement {
    const { t } = this.#words;
    const delay = entries.find((one) => one.delay !== null)?.delay;
    return h(
      "section",
      { class: "waiting-events", role: "status" },
      h(
        "p",
        {},
        h("b", {}, t("waiting", { n: entries.length })),
        " ",
        delay ? this.#because(delay) : "",
      ),
      button({ class: "button", "data-key": "send" }, this.#send, t("sendNow")),
    );
  }

  #because(delay: NonNullable<Entry["delay"]>): string {
    const { t, signedOut } = this.#words;
    if (delay === "signedOut") return signedOut();
    return t(
      ({ offline: "delayOffline", busy: "delayBusy", server: "delayServer" } as const)[delay],
    );
  }

  #refused({ id, place, said, made_at, reason }: Entry): HTMLElement {
    const { t } = this.#words;
    const way = t(said.direction === "in" ? "goingIn" : "goingOut");
    return h(
      "section",
      { class: "waiting-events refused-event" },
      h("p", {}, h("b", {}, t("refused", { way, place, at: clock(made_at) }))),
      h("p", {}, reason ? pick(reason) : ""),
      button({ class: "button", "data-key": id }, () => this.#dismiss(id), t("dismiss")),
    );
  }
}
