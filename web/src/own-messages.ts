// How a page of citizens drives the messages of its device: what is written on it is put into the
// queue and sent, each message has a view, and a refused one leads back to what is to be mended.
import { tellOf } from "./outbox";
import type { Driven, Message } from "./outbox-store";
import { keepInStep, sender } from "./queue-page";
import { requestSync } from "./worker";

interface Page<M> extends Driven<M> {
  /** Shows what has changed. */
  show: () => void;
  /** The network came or went. */
  connected: (is: boolean) => void;
  /** Leads to what is wrong with a refused message, if the page shows it now and asks for that. */
  leadsBack?: (refused: M) => boolean;
}

/** The messages of a device, as its page shows and sends them. */
export class OwnMessages<M extends Message<unknown, unknown>> {
  all: M[] = [];
  /** Sends what is due; with `woken`, also what waits for its next try. */
  readonly send: (woken: boolean) => Promise<void>;
  readonly #page: Page<M>;
  /** What was sent from this page last: if it is refused, the page leads to the fault. */
  #sentNow: string | null = null;

  constructor(page: Page<M>) {
    this.#page = page;
    this.send = sender({
      wake: page.wake,
      flush: async () => {
        await page.flush(() => {
          tellOf(page.queue);
          void this.reload();
        });
        await this.reload();
      },
      nextIn: page.nextIn,
    });
  }

  /** Sends what waits, and keeps in step with the network and the other pages of the device. */
  begin(): void {
    keepInStep(this.#page.queue, {
      connected: (is) => {
        this.#page.connected(is);
        void (is ? this.send(true) : this.reload());
      },
      seen: (is) => void (is && this.send(true)),
      changed: () => void this.reload(),
    });
    void this.send(true);
  }

  /** Shows and sends a message that was put into the queue just now. */
  async submit(id: string, show: () => void): Promise<void> {
    this.#sentNow = id;
    await this.reload();
    show();
    await requestSync(this.#page.queue);
    void this.send(false);
  }

  /** Reads the queue again and shows what has changed. */
  async reload(): Promise<void> {
    this.all = await this.#page.read();
    const now = this.all.find(({ id }) => id === this.#sentNow);
    if (now?.state === "sent") this.#sentNow = null;
    if (now?.state === "refused" && this.#page.leadsBack?.(now)) this.#sentNow = null;
    else this.#page.show();
  }
}
