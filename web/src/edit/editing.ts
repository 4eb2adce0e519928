// What those get on the map who are signed in: the form, the history, new features.
import type { Feature, LayerConfig, MapConfig } from "../config";
import { button, h } from "../dom";
import { pick } from "../locale";
import type { Hit, OperationsMap } from "../map/operations-map";
import type { CardPart, FeatureCard } from "../panel/feature-card";
import type { Adding } from "../panel/layer-list";
import type { Offer } from "../panel/notices";
import type { Places } from "../panel/places";
import "../styles/edit.css";
import { ask } from "./ask";
import { bringBack, DeletedList } from "./deleted";
import { EditForm } from "./form";
import { historyPart } from "./history";
import { type Action, Refusal, Server, type Session, type Tagged } from "./server";
import { beginning, pointOf } from "./shapes";
import { tx } from "./texts";
import { refusalWords } from "./words";

/** How much of the view a new area takes, each way from its middle. */
const SHARE = 0.08;

export interface EditContext {
  config: MapConfig;
  card: FeatureCard;
  places: Places;
  map: OperationsMap | null;
  notify(text: string, offer?: Offer | null): void;
  /** Draws a layer anew, whose features have changed. */
  refresh(layer: string): void;
}

/** Editing for the person of a session. */
export class Editing implements CardPart {
  readonly #context: EditContext;
  readonly #server: Server;
  readonly #layers: Record<string, Action[]>;
  readonly #may = new Map<string, Promise<Action[]>>();

  /** Asks what the person may do, and adds it to the card. */
  static async begin(context: EditContext, session: Session): Promise<Editing> {
    const server = new Server(session);
    const editing = new Editing(context, server, await server.layers());
    context.card.part = editing;
    context.card.render();
    return editing;
  }

  private constructor(context: EditContext, server: Server, layers: Record<string, Action[]>) {
    this.#context = context;
    this.#server = server;
    this.#layers = layers;
  }

  /** What the person may do with a layer as a whole; null if they may create nothing in it. */
  adding(layer: LayerConfig): Adding | null {
    if (!this.#layers[layer.id]?.includes("create")) return null;
    return {
      name: tx("add", { layer: pick(layer.title) }),
      add: () => void this.#add(layer),
      deletedName: tx("deletedTitle"),
      showDeleted: () => this.#showDeleted(layer),
    };
  }

  /** The buttons and the history of a feature's card. */
  below(hit: Hit, feature: Feature): HTMLElement {
    const actions = h("div", { class: "card-actions edit-buttons", hidden: true });
    void this.#actions(hit).then((may) => {
      if (may.includes("change"))
        actions.append(
          button({ class: "button button-strong" }, () => void this.#edit(hit), tx("edit")),
        );
      if (may.includes("delete"))
        actions.append(
          button({ class: "button button-danger" }, () => void this.#delete(hit), tx("delete")),
        );
      actions.hidden = may.length === 0;
    });
    const history = historyPart(
      {
        layer: hit.layer,
        server: this.#server,
        zone: this.#context.config.province.timeZone,
        nameOf: (column, value) => this.#context.places.nameOf(column, value),
        mayRestore: async () => (await this.#actions(hit)).includes("change"),
        onRestored: (saved) => this.#saved(hit.layer, saved, ""),
        notify: this.#context.notify,
      },
      feature,
    );
    return h("div", {}, actions, history);
  }

  /** Opens the form of a new feature, in the middle of the map. */
  async #add(layer: LayerConfig): Promise<void> {
    const { card, config, map } = this.#context;
    try {
      const record = await this.#server.form(layer.id);
      const [west, south, east, north] = config.province.bbox;
      const { center, width } = map?.around() ?? {
        center: [(west + east) / 2, (south + north) / 2] as [number, number],
        width: east - west,
      };
      card.leave(() =>
        this.#open(layer, {
          record,
          base: null,
          beginning: beginning(record.geometryType, center, width * SHARE),
          title: "",
        }),
      );
    } catch (error) {
      this.#context.notify(refusalWords(error));
    }
  }

  #showDeleted(layer: LayerConfig): void {
    const { card, config, notify } = this.#context;
    const context = {
      layer,
      server: this.#server,
      zone: config.province.timeZone,
      onRestored: (saved: Tagged) => this.#saved(layer, saved, tx("restored")),
      notify,
    };
    card.leave(() => card.take(layer, new DeletedList(context)));
  }

  /** Takes a deletion back that has just been made. */
  async #undo(layer: LayerConfig, id: string): Promise<void> {
    try {
      const gone = (await this.#server.deleted(layer.id)).find((one) => one.id === id);
      if (!gone) throw new Refusal(404, {});
      this.#saved(layer, await bringBack(this.#server, layer, gone), tx("restored"));
    } catch (error) {
      this.#context.notify(refusalWords(error));
    }
  }

  /** What the person may do with a feature; nothing where the server does not say. */
  #actions(hit: Hit): Promise<Action[]> {
    const key = `${hit.layer.id}/${hit.id}`;
    const known = this.#may.get(key);
    if (known) return known;
    const layer = this.#layers[hit.layer.id] ?? [];
    if (layer.length === 0) return Promise.resolve([]);
    const asked = this.#server.may(hit.layer.id, hit.id).catch((): Action[] => {
      this.#may.delete(key);
      return [];
    });
    this.#may.set(key, asked);
    return asked;
  }

  async #edit(hit: Hit): Promise<void> {
    try {
      const item = `${hit.layer.items}/${encodeURIComponent(hit.id)}`;
      const [record, base] = await Promise.all([
        this.#server.form(hit.layer.id),
        this.#server.feature(item),
      ]);
      const named = base.feature.properties[hit.layer.titleColumn];
      this.#open(hit.layer, { record, base, beginning: null, title: String(named ?? hit.title) });
    } catch (error) {
      this.#context.notify(refusalWords(error));
    }
  }

  #open(
    layer: LayerConfig,
    given: Pick<
      ConstructorParameters<typeof EditForm>[0],
      "record" | "base" | "beginning" | "title"
    >,
  ): void {
    const { card, config, map } = this.#context;
    const form = new EditForm({
      ...given,
      config,
      layer,
      server: this.#server,
      map,
      onSaved: (saved) => this.#saved(layer, saved, tx("saved")),
      onLeft: () => {
        card.release();
        if (given.base) void card.show(hitOf(layer, given.base.feature));
        else card.dismiss();
      },
    });
    card.take(layer, form);
    const at = pointOf(given.base?.feature.geometry ?? null);
    if (at) map?.revealPoint(at);
    form.focus();
  }

  #saved(layer: LayerConfig, { feature }: Tagged, said: string): void {
    const { card, notify, refresh } = this.#context;
    this.#may.delete(`${layer.id}/${feature.id}`);
    card.release();
    void card.show(hitOf(layer, feature)).then(() => card.element.focus({ preventScroll: true }));
    refresh(layer.id);
    if (said) notify(said);
  }

  async #delete(hit: Hit): Promise<void> {
    const { card, notify, refresh } = this.#context;
    const item = `${hit.layer.items}/${encodeURIComponent(hit.id)}`;
    try {
      // What is asked about is what is there now; if it changes meanwhile, nothing is deleted.
      const { feature, tag } = await this.#server.feature(item);
      const name = String(feature.properties[hit.layer.titleColumn] ?? hit.title);
      if (!(await ask(tx("deleteQuestion", { name }), tx("delete"), tx("deleteDetails")))) return;
      await this.#server.remove(item, tag);
      card.dismiss();
      refresh(hit.layer.id);
      const undo = { label: tx("undo"), act: () => void this.#undo(hit.layer, hit.id) };
      notify(tx("deleted", { name }), this.adding(hit.layer) ? undo : null);
    } catch (error) {
      const changed = error instanceof Refusal && error.status === 412;
      const referred = error instanceof Refusal && error.status === 409;
      notify(changed ? tx("deleteStale") : referred ? tx("deleteReferred") : refusalWords(error));
      if (changed) void card.show(hit);
    }
  }
}

function hitOf(layer: LayerConfig, feature: Feature): Hit {
  const id = String(feature.id);
  return { layer, id, title: String(feature.properties[layer.titleColumn] ?? id) };
}
