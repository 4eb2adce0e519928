import type { LayerConfig } from "../config";
import { button, h } from "../dom";
import { formatInstant } from "../format";
import type { CardForm } from "../panel/feature-card";
import { ask } from "./ask";
import type { Deletion, Server, Tagged } from "./server";
import { tx } from "./texts";
import { refusalWords } from "./words";

export interface DeletedContext {
  layer: LayerConfig;
  server: Server;
  zone: string;
  onRestored(saved: Tagged): void;
  notify(text: string): void;
}

/** Brings a deleted feature back as it last was. */
export function bringBack(server: Server, layer: LayerConfig, gone: Deletion): Promise<Tagged> {
  const item = `${layer.items}/${encodeURIComponent(gone.id)}`;
  return server.restore(item, "", gone.lastVersion);
}

/** The features of a layer that were deleted, in the card: what, when, who; each can come back. */
export class DeletedList implements CardForm {
  readonly element = h("div", { class: "card-body deleted" });
  readonly id = null;
  readonly passing = true;
  readonly #context: DeletedContext;
  #shown: Deletion[] | null = null;
  #failure: unknown = null;

  constructor(context: DeletedContext) {
    this.#context = context;
    void this.#load();
  }

  get title(): string {
    return tx("deletedTitle");
  }

  mayLeave(): Promise<boolean> {
    return Promise.resolve(true);
  }

  close(): void {
    this.element.remove();
  }

  changedMeanwhile(): void {
    // Nothing of what is gone can change.
  }

  render(): void {
    this.element.replaceChildren(
      this.#failure
        ? h(
            "div",
            { class: "empty", role: "alert" },
            h("p", {}, refusalWords(this.#failure)),
            button({ class: "button" }, () => void this.#load(), tx("again")),
          )
        : this.#shown === null
          ? h("p", { class: "empty", role: "status" }, tx("deletedLoading"))
          : this.#shown.length === 0
            ? h("p", { class: "empty", role: "status" }, tx("deletedNone"))
            : h("ol", { class: "history-list" }, ...this.#shown.map((gone) => this.#row(gone))),
    );
  }

  async #load(): Promise<void> {
    this.#failure = null;
    this.render();
    try {
      this.#shown = await this.#context.server.deleted(this.#context.layer.id);
    } catch (error) {
      this.#failure = error;
    }
    this.render();
  }

  #row(gone: Deletion): HTMLElement {
    const { layer, zone } = this.#context;
    const name = String(gone.feature.properties[layer.titleColumn] ?? gone.id);
    return h(
      "li",
      {},
      h("p", {}, h("strong", {}, name)),
      h(
        "p",
        { class: "history-head" },
        h("time", { datetime: gone.at }, formatInstant(gone.at, zone)),
        " · ",
        gone.actor || tx("historyNobody"),
      ),
      button(
        { class: "button", "aria-label": tx("bringBackOf", { name }) },
        () => void this.#bringBack(gone, name),
        tx("restore"),
      ),
    );
  }

  async #bringBack(gone: Deletion, name: string): Promise<void> {
    const { layer, server, onRestored, notify } = this.#context;
    const sure = await ask(
      tx("bringBackQuestion", { name }),
      tx("restore"),
      tx("bringBackDetails"),
    );
    if (!sure) return;
    try {
      onRestored(await bringBack(server, layer, gone));
    } catch (error) {
      notify(refusalWords(error));
    }
  }
}
