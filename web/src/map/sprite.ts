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
  /** Elements that wait for the picture: how to fill each. */
  readonly #waiting: (() => void)[] = [];
  #places: Record<string, Place> = {};
  #picture = "";
  #size = { width: 0, height: 0 };

  /**
   * A sprite that can be used at once; its symbols appear when the picture has come. It is the one
   * that the map draws from on this screen, so it comes but once.
   *
   * @param address of the sprite, without `.json` and `.png`.
   */
  static begin(address: string): Sprite {
    const sprite = new Sprite();
    // Without symbols the lists are still of use.
    void sprite.#load(address + (devicePixelRatio > 1 ? "@2x" : "")).catch(() => undefined);
    return sprite;
  }

  /**
   * @param address of the sprite, without `.json` and `.png`.
   * @throws HttpError or EncodingError when it cannot be had.
   */
  static async load(address: string): Promise<Sprite> {
    const sprite = new Sprite();
    await sprite.#load(`${address}@2x`);
    return sprite;
  }

  async #load(address: string): Promise<void> {
    const picture = new Image();
    picture.src = `${address}.png`;
    const [places] = await Promise.all([
      fetchJson<Record<string, Place>>(`${address}.json`),
      picture.decode(),
    ]);
    this.#places = places;
    this.#size = { width: picture.naturalWidth, height: picture.naturalHeight };
    this.#picture = picture.src;
    for (const fill of this.#waiting.splice(0)) fill();
  }

  /** A symbol as an element of 24 pixels (scaled); an empty one if there is no such symbol. */
  icon(name: string, scale = 1): HTMLElement {
    const element = h("span", { class: "icon", "aria-hidden": "true" });
    const fill = (): void => this.#fill(element, name, scale);
    if (this.#picture) fill();
    else this.#waiting.push(fill);
    return element;
  }

  #fill(element: HTMLElement, name: string, scale: number): void {
    const place = this.#places[name];
    if (!place) return;
    const ratio = place.pixelRatio / scale;
    element.style.width = `${place.width / ratio}px`;
    element.style.height = `${place.height / ratio}px`;
    element.style.backgroundImage = `url("${this.#picture}")`;
    element.style.backgroundSize = `${this.#size.width / ratio}px ${this.#size.height / ratio}px`;
    element.style.backgroundPosition = `${-place.x / ratio}px ${-place.y / ratio}px`;
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
