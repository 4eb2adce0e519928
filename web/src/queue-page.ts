// What the pages with a queue of this device have in common: how they open, how they keep in step with
// the network and the other pages of the device, and when they send.
import { button, h } from "./dom";

/** Less than this, in milliseconds, never passes between two looks at a queue. */
const BREATH_MS = 250;

type Says = (key: "title" | "loading" | "noStore" | "noForm" | "retry") => string;

/** A page that shows nothing before it has its store and what its form asks for. */
interface Opening<Store extends { close(): void }, Form> {
  t: Says;
  open(): Promise<Store>;
  kept(store: Store): Promise<Form | undefined>;
  /** Asks the server for the form; null when it does not answer. */
  ask(): Promise<Form | null>;
  keep(store: Store, form: Form): Promise<void>;
  run(store: Store, form: Form): Promise<void>;
  /** What people can do where the page cannot open. */
  instead?(): HTMLElement;
}

/** Opens a page with the form that this device keeps, or else with the server's, once there is one. */
export async function openWithForm<Store extends { close(): void }, Form>(
  page: Opening<Store, Form>,
): Promise<void> {
  const { t } = page;
  const again = (): void => void openWithForm(page);
  alone(t, t("loading"));
  let store: Store;
  try {
    store = await page.open();
  } catch {
    alone(t, t("noStore"), again, page.instead?.());
    return;
  }
  let form = await page.kept(store);
  if (!form) {
    const asked = await page.ask();
    if (!asked) {
      store.close();
      const waiting = new AbortController();
      const retry = (): void => {
        waiting.abort();
        again();
      };
      alone(t, t("noForm"), retry, page.instead?.());
      addEventListener("online", retry, waiting);
      return;
    }
    form = asked;
    await page.keep(store, form);
  }
  await page.run(store, form);
}

function alone(t: Says, text: string, retry?: () => void, instead?: HTMLElement): void {
  document.title = t("title");
  document.body.replaceChildren(
    h(
      "main",
      { class: "sos sos-alone" },
      h("h1", {}, t("title")),
      h("p", { role: retry ? "alert" : "status" }, text),
      retry ? button({ class: "button button-strong" }, retry, t("retry")) : null,
      instead ?? null,
    ),
  );
}

/** Runs a page that is nothing without its store; where that fails, the page says so. */
export async function openStored(
  t: (key: "title" | "noStore" | "retry") => string,
  run: () => Promise<void>,
): Promise<void> {
  document.title = t("title");
  try {
    await run();
  } catch {
    document.body.replaceChildren(
      h(
        "main",
        { class: "team" },
        h("h1", {}, t("title")),
        h("p", { role: "alert" }, t("noStore")),
        button({ class: "button button-strong" }, () => void openStored(t, run), t("retry")),
      ),
    );
  }
}

/** A queue as a page drives it. */
interface Driven {
  /** Lets what waits for its next try be tried now. */
  wake(): Promise<void>;
  /** Sends what is due, and shows how it stands. */
  flush(): Promise<void>;
  /** When the next try is due, in milliseconds from now; null if nothing waits. */
  nextIn(): Promise<number | null>;
}

/** Sends what is due, again when the next is; with `woken`, also what waits for its next try. */
export function sender(queue: Driven): (woken: boolean) => Promise<void> {
  let timer = 0;
  const send = async (woken: boolean): Promise<void> => {
    if (woken) await queue.wake();
    await queue.flush();
    const wait = await queue.nextIn();
    clearTimeout(timer);
    if (wait !== null) timer = window.setTimeout(() => void send(false), Math.max(wait, BREATH_MS));
  };
  return send;
}

/** What a page does when something around it changes. */
interface Aware {
  connected?(is: boolean): void;
  /** It came into sight, or went out of it. */
  seen?(is: boolean): void;
  /** Another page, or the service worker, has changed the queue; what it says of that. */
  changed?(said: unknown): void;
}

/** Keeps a page in step with the network, with who looks at it and with the others of its queue. */
export function keepInStep(queue: string, page: Aware): void {
  addEventListener("online", () => page.connected?.(true));
  addEventListener("offline", () => page.connected?.(false));
  document.addEventListener("visibilitychange", () => page.seen?.(!document.hidden));
  new BroadcastChannel(queue).addEventListener("message", ({ data }) => page.changed?.(data));
}

/** The line that says that there is no network. */
export class OfflineNote {
  readonly element = h("p", { class: "offline", role: "status" });
  readonly #say: () => string;

  constructor(say: () => string) {
    this.#say = say;
  }

  render(): void {
    this.element.hidden = navigator.onLine;
    this.element.textContent = navigator.onLine ? "" : this.#say();
  }
}

/** Goes to a part of the page; the browser's own way back leads here again. */
export function goTo(hash: string, arrive: () => void): void {
  if (location.hash.slice(1) === hash) arrive();
  else if (hash === "") {
    history.pushState(null, "", location.pathname);
    arrive();
  } else location.hash = hash;
}
