import { h } from "../dom";
import { fetchJson } from "../http";
import type { LegendEntry } from "./compose";

interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
  pixelRatio: number;
}

/** The symbols of the map, for use in lists: the same picture that the map itself draws from. */
export class Sprite {
  readonly #places: Record<string, Place>;
  readonly #picture: string;
  readonly #size: { width: number; height: number };

  private constructor(places: Record<string, Place>, picture: HTMLImageElement) {
    this.#places = places;
    this.#picture = picture.src;
    this.#size = { width: picture.naturalWidth, height: picture.naturalHeight };
  }

  /**
   * @param address of the sprite, without `.json` and `.png`.
   * @throws HttpError or EncodingError when it cannot be had.
   */
  static async load(address: string): Promise<Sprite> {
    const picture = new Image();
    picture.src = `${address}@2x.png`;
    const [places] = await Promise.all([
      fetchJson<Record<string, Place>>(`${address}@2x.json`),
      picture.decode(),
    ]);
    return new Sprite(places, picture);
  }

  /** A symbol as an element of 24 pixels (scaled); an empty one if there is no such symbol. */
  icon(name: string, scale = 1): HTMLElement {
    const element = h("span", { class: "icon", "aria-hidden": "true" });
    const place = this.#places[name];
    if (!place) return element;
    const ratio = place.pixelRatio / scale;
    element.style.width = `${place.width / ratio}px`;
    element.style.height = `${place.height / ratio}px`;
    element.style.backgroundImage = `url("${this.#picture}")`;
    element.style.backgroundSize = `${this.#size.width / ratio}px ${this.#size.height / ratio}px`;
    element.style.backgroundPosition = `${-place.x / ratio}px ${-place.y / ratio}px`;
    return element;
  }
}

/** The picture of a legend's line: its symbol, or a sample of its colour. */
export function legendPicture(entry: LegendEntry, sprite: Sprite | null, scale = 1): HTMLElement {
  if (entry.icon && sprite) return sprite.icon(entry.icon, scale);
  const sample = h("span", {
    class: `sample sample-${entry.shape ?? "circle"}`,
    "aria-hidden": "true",
  });
  if (entry.color) sample.style.setProperty("--sample", entry.color);
  return sample;
}
