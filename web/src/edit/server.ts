import type { Feature } from "../config";
import { Calls } from "./calls";
import type { FormRecord } from "./fields";

export { Refusal, type ServerFault, type Session } from "./calls";

export type Action = "create" | "change" | "delete";

/** A feature, with the tag that names the state it is in. */
export interface Tagged {
  feature: Feature;
  tag: string;
}

/** One change of a feature, as its history tells it. */
export interface Change {
  version: number;
  at: string;
  actor: string | null;
  operation: string;
  changes: { column: string; before: unknown; after: unknown }[];
  before: Feature | null;
  after: Feature | null;
}

/** A feature that is gone, as it was last. */
export interface Deletion {
  id: string;
  /** The last version of the layer at which it was there. */
  lastVersion: number;
  at: string;
  actor: string;
  feature: Feature;
}

/** What editing asks of the server, with the cookie of the session. */
export class Server extends Calls {
  readonly #forms = new Map<string, Promise<FormRecord>>();

  /** What the person may do in each layer, somewhere in it at least. */
  async layers(): Promise<Record<string, Action[]>> {
    return (await this.read<{ layers: Record<string, Action[]> }>("/api/forms")).layers;
  }

  /** The form of a layer; asked for once. */
  form(layer: string): Promise<FormRecord> {
    const known = this.#forms.get(layer);
    if (known) return known;
    const asked = this.read<FormRecord>(`/api/forms/${encodeURIComponent(layer)}`);
    this.#forms.set(layer, asked);
    asked.catch(() => this.#forms.delete(layer));
    return asked;
  }

  /** What the person may do with one feature. */
  async may(layer: string, id: string): Promise<Action[]> {
    const address = `/api/forms/${encodeURIComponent(layer)}/${encodeURIComponent(id)}`;
    return (await this.read<{ may: Action[] }>(address)).may;
  }

  async feature(item: string): Promise<Tagged> {
    return tagged(await this.ask("GET", `${item}?f=json`));
  }

  async history(item: string): Promise<Change[]> {
    return (await this.read<{ changes: Change[] }>(`${item}/history`)).changes;
  }

  /** The features deleted last from a layer that the person may bring back, the last first. */
  async deleted(layer: string): Promise<Deletion[]> {
    const address = `/ogc/collections/${encodeURIComponent(layer)}/deleted`;
    return (await this.read<{ deleted: Deletion[] }>(address)).deleted;
  }

  async create(items: string, feature: unknown): Promise<Tagged> {
    return tagged(await this.change("POST", items, feature, "application/geo+json"));
  }

  async patch(item: string, tag: string, patch: unknown): Promise<Tagged> {
    return tagged(await this.change("PATCH", item, patch, "application/merge-patch+json", tag));
  }

  async remove(item: string, tag: string): Promise<void> {
    await this.change("DELETE", item, undefined, "", tag);
  }

  async restore(item: string, tag: string, version: number): Promise<Tagged> {
    const body = { version };
    return tagged(await this.change("POST", `${item}/restore`, body, "application/json", tag));
  }
}

async function tagged(answer: Response): Promise<Tagged> {
  const tag = answer.headers.get("etag") ?? "*";
  return { feature: (await answer.json()) as Feature, tag };
}
