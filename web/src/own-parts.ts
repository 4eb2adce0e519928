// How a message of this device stands, in words, and what can be done with it.
import { button, h } from "./dom";
import { pick, type Values } from "./locale";
import type { Message } from "./outbox-store";
import { canSync } from "./worker";

type Says<Key extends string> = (key: Key, values?: Values) => string;
type Standing = Message<unknown, unknown>;

/** Why a message waits, and when it will be sent; nothing while it is on its way. */
export function delay(
  t: Says<"waitingBusy" | "waitingServer" | "waitingOffline" | "waitingSync" | "waitingOpen">,
  message: Standing,
): HTMLElement[] {
  if (message.state === "sending") return [];
  const why = {
    busy: "waitingBusy",
    server: "waitingServer",
    offline: "waitingOffline",
  } as const;
  return [
    h("p", {}, t(why[message.delay ?? "offline"])),
    h("p", {}, t(canSync() ? "waitingSync" : "waitingOpen")),
  ];
}

/** Why the server refused a message. */
export function refusal(
  t: Says<"refusedFields" | "refusedOther">,
  { refused }: Standing,
): HTMLElement[] {
  const { status, faults } = refused ?? { status: 0, faults: [] };
  if (faults.length === 0) return [h("p", {}, t("refusedOther", { status }))];
  return [
    h("p", {}, t("refusedFields")),
    h("ul", { class: "faults" }, ...faults.map((fault) => h("li", {}, pick(fault)))),
  ];
}

/** The button that tries to send what waits now; nothing where that is in vain. */
export function tryNow(
  t: Says<"tryNow">,
  { state }: Standing,
  send: (woken: boolean) => Promise<void>,
): HTMLElement[] {
  if (state !== "waiting" || !navigator.onLine) return [];
  return [button({ class: "button button-strong wide" }, () => void send(true), t("tryNow"))];
}

/** A button that acts when it is pressed twice. */
export function sure(text: string, again: string, act: () => Promise<void>): HTMLElement {
  const element = button(
    { class: "button wide" },
    () => {
      if (element.textContent === again) void act();
      else element.textContent = again;
    },
    text,
  );
  element.addEventListener("blur", () => {
    element.textContent = text;
  });
  return element;
}
