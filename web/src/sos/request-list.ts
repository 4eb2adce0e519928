import { h } from "../dom";
import type { SosApp } from "./app";
import { clock } from "./parts";
import type { Entry } from "./store";
import { sign } from "./symbols";
import { t } from "./text";
import { categoryTitle } from "./what";

const SIGNS = { waiting: "wait", sending: "wait", sent: "done", refused: "stop" } as const;

/** How a request stands, in a word with a sign. */
export function stateOf(entry: Entry): HTMLElement {
  return h(
    "span",
    { class: `state state-${entry.state}` },
    sign(SIGNS[entry.state]),
    t(entry.state),
  );
}

/** The requests of this device, each with how it stands. */
export function requestList(app: SosApp): HTMLElement {
  return h(
    "section",
    { class: "requests", "aria-labelledby": "requests", hidden: app.own.all.length === 0 },
    h("h3", { id: "requests" }, t("requests")),
    h("ul", {}, ...app.own.all.map((entry) => item(app, entry))),
  );
}

function item(app: SosApp, entry: Entry): HTMLElement {
  const { receipt } = entry;
  const when = receipt ? receipt.received_at : entry.made_at;
  return h(
    "li",
    {},
    h(
      "a",
      { href: `#request=${entry.id}` },
      stateOf(entry),
      receipt ? h("strong", { class: "code" }, receipt.code) : null,
      h("span", { class: "about" }, `${categoryTitle(app, entry.post.category)} · ${clock(when)}`),
    ),
  );
}
