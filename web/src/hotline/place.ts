import { button, h } from "../dom";
import { exchange } from "../exchange";
import { fetchJson } from "../http";
import { boxOf } from "../map/box";
import { picker, type Start } from "../map/picker";
import { metres } from "../measures";
import type { Measured } from "../sos/locate";
import { spaced } from "../spaced";
import { compassPoint } from "../team/geo";
import type { Commune } from "./communes";
import { t } from "./text";

const PATIENCE_MS = 15_000;
/** Milliseconds between two times that the server is asked what a place is called. */
const ASK_MS = 300;

/** Where a place is, in words that can be read to a caller. */
interface Where {
  commune: { code: string; name: string; district: string | null } | null;
  /** Known places, the nearest first; the bearing is that of the place from there, in degrees. */
  near: { title: string; distance_m: number; bearing: number | null }[];
}

interface Page {
  /** What was typed of the caller's place. */
  told: () => { position: string; commune: Commune | null };
  /** The operator has chosen a place. */
  chosen: (place: Measured) => void;
  /** The commune of that place, with its district. */
  named: (commune: string) => void;
}

/** A map on which the operator points at where the caller is, and what that place is called. */
export class PlaceMap {
  readonly #element: HTMLElement;
  readonly #csrf: string;
  readonly #page: Page;
  readonly #words = h("div", { class: "hotline-words", role: "status" });
  #place: HTMLElement | null = null;
  #removeMap: (() => void) | null = null;
  /** The place that the words are of; answers about another one come too late. */
  #spot: Measured | null = null;

  constructor(element: HTMLElement, csrf: string, page: Page) {
    this.#element = element;
    this.#csrf = csrf;
    this.#page = page;
    void this.#open();
  }

  /** Draws the button, and the map if it is open; a map that is open stays, and so does the keyboard. */
  render(): void {
    const isHere = this.#element.contains(document.activeElement);
    const toggle = button(
      { class: "button", id: "place-toggle", "aria-expanded": String(this.#place !== null) },
      () => (this.#place ? this.#close() : void this.#open()),
      t(this.#place ? "mapClose" : "mapOpen"),
    );
    this.#element.replaceChildren(toggle, this.#place ?? "", this.#words);
    if (isHere) toggle.focus();
  }

  /** Forgets the place. */
  clear(): void {
    this.#spot = null;
    this.#words.replaceChildren();
    this.#close();
  }

  #close(): void {
    this.#removeMap?.();
    this.#removeMap = this.#place = null;
    this.render();
  }

  async #open(): Promise<void> {
    const status = h("p", { class: "hint", role: "status" }, t("mapLoading"));
    const place = h("div", { class: "picker" }, status);
    this.#place = place;
    this.render();
    try {
      const remove = await picker(place, status, {
        start: await startOf(this.#page.told()),
        chosen: (spot) => void this.#choose(spot),
        rests: (spot) => {
          this.#spot = spot;
          this.#ask();
        },
      });
      if (this.#place === place) this.#removeMap = remove;
      else remove();
    } catch {
      status.textContent = t("mapFailed");
    }
  }

  async #choose(spot: Measured): Promise<void> {
    this.#close();
    this.#page.chosen(spot);
    this.#spot = spot;
    const where = await this.#tell(spot);
    if (where?.commune && this.#spot === spot) this.#page.named(communeLabel(where.commune));
  }

  readonly #ask = spaced(async () => {
    if (this.#spot) await this.#tell(this.#spot);
  }, ASK_MS);

  async #tell({ lon, lat }: Measured): Promise<Where | null> {
    const asked = this.#spot;
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": this.#csrf };
    const body = JSON.stringify({ lon, lat });
    const said = await exchange<Where>(
      "/api/hotline/place",
      headers,
      body,
      PATIENCE_MS,
      (answer) => ("near" in answer ? { kind: "sent", receipt: answer as Where } : null),
    );
    const where = said.kind === "sent" ? said.receipt : null;
    if (this.#spot === asked) this.#words.replaceChildren(...words(where));
    return where;
  }
}

/** Where the map opens: at the coordinates that were typed, or else at the commune. */
async function startOf({ position, commune }: ReturnType<Page["told"]>): Promise<Start> {
  const found = /^\s*(-?\d{1,2}(?:\.\d+)?)[\s,;]+(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(position);
  const [lat, lon] = [Number(found?.[1]), Number(found?.[2])];
  if (Math.abs(lat) <= 90 && Math.abs(lon) <= 180) return { lon, lat };
  if (!commune) return null;
  const code = encodeURIComponent(commune.code);
  try {
    const { features } = await fetchJson<{ features: { geometry: GeoJSON.Geometry }[] }>(
      `/ogc/collections/admin_units/items?f=json&limit=1&code=${code}`,
    );
    return boxOf(features[0]?.geometry ?? null);
  } catch {
    return null;
  }
}

function words(where: Where | null): HTMLElement[] {
  if (!where) return [h("p", {}, t("placeUnnamed"))];
  const { commune, near } = where;
  return [
    h("p", {}, h("b", {}, commune ? communeLabel(commune) : t("placeOutside"))),
    near.length > 0 && h("ul", {}, ...near.map((one) => h("li", {}, towards(one)))),
  ].filter((one) => one !== false);
}

/** A commune with its district, as the page's list of communes has it. */
function communeLabel({ name, district }: NonNullable<Where["commune"]>): string {
  return [name, district].filter(Boolean).join(", ");
}

function towards({ title, distance_m, bearing }: Where["near"][number]): string {
  if (bearing === null || distance_m < 1) return t("placeAt", { title });
  const where = t(compassPoint(bearing));
  return t("placeNear", { title, far: metres(distance_m), where });
}
