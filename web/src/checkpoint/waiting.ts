import { button, h } from "../dom";
import { pick } from "../locale";
import { clock } from "../sos/parts";
import type { Entry } from "./store";

interface Words {
  waiting(count: number): string;
  refused(place: string, way: "in" | "out", at: string): string;
  delays: Record<NonNullable<Entry["delay"]>, string>;
  sendNow: string;
  dismiss: string;
}

/** What of a device has not been taken: how many wait and why, and each that was refused. */
export function waitingView(
  entries: readonly Entry[],
  words: Words,
  send: () => void,
  dismiss: (id: string) => void,
): HTMLElement[] {
  const waiting = entries.filter(({ state }) => state !== "refused");
  const delay = waiting.find((one) => one.delay !== null)?.delay;
  const refused = entries.filter(({ state }) => state === "refused");
  return [
    ...(waiting.length > 0
      ? [
          h(
            "section",
            { class: "waiting-events", role: "status" },
            h(
              "p",
              {},
              h("b", {}, words.waiting(waiting.length)),
              " ",
              delay ? words.delays[delay] : "",
            ),
            button({ class: "button", "data-key": "send" }, send, words.sendNow),
          ),
        ]
      : []),
    ...refused.map((one) =>
      h(
        "section",
        { class: "waiting-events refused-event" },
        h("p", {}, h("b", {}, words.refused(one.place, one.said.direction, clock(one.made_at)))),
        h("p", {}, one.reason ? pick(one.reason) : ""),
        button({ class: "button", "data-key": one.id }, () => dismiss(one.id), words.dismiss),
      ),
    ),
  ];
}
