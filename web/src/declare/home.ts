import { button, h } from "../dom";
import { clock, heading } from "../form-parts";
import type { DeclareApp } from "./app";
import type { Entry } from "./queue";
import { t } from "./text";

/** How a declaration stands, in a word. */
export function stateOf(entry: Entry): HTMLElement {
  return h("span", { class: `state state-${entry.state}` }, t(entry.state));
}

/** The declarations of this device: a family's QR codes, and what waits to be sent. */
export function homePage(app: DeclareApp): HTMLElement {
  return h(
    "section",
    { class: "home", "aria-labelledby": "heading" },
    heading(t("homeTitle")),
    h("p", { class: "hint" }, t("homeHint")),
    h("div", { class: "requests" }, h("ul", {}, ...app.own.all.map(item))),
    h(
      "div",
      { class: "actions" },
      button({ class: "button button-strong wide" }, () => app.begin(), t("newOne")),
    ),
  );
}

function item(entry: Entry): HTMLElement {
  const { receipt } = entry;
  const said = receipt
    ? isOver(entry)
      ? t("cardOver")
      : t("cardUntil", { time: clock(receipt.card?.expires_at ?? receipt.valid_until) })
    : t("made", { time: clock(entry.made_at) });
  return h(
    "li",
    {},
    h(
      "a",
      { href: `#card=${entry.id}` },
      h("strong", {}, entry.name),
      stateOf(entry),
      h("span", { class: "about" }, said),
    ),
  );
}

/** Whether the card of a declaration shows nothing any more. */
export function isOver({ receipt }: Entry, now = Date.now()): boolean {
  return !receipt?.card || Date.parse(receipt.card.expires_at) <= now;
}
