import { h } from "../dom";

const PICTURE = "/api/sight.svg";

/**
 * The province as the server draws it: land, districts, and where features are. It is a fiftieth of
 * the drawing library's size, and stands where the map will show the same until the map has drawn.
 */
export class FirstSight {
  readonly element = h("img", { class: "sight", src: PICTURE, alt: "" });
  /** Settles when it can be seen, or could not be had. */
  readonly seen: Promise<void>;

  constructor() {
    this.seen = this.element.decode().then(
      () => this.element.setAttribute("data-drawn", ""),
      () => this.remove(),
    );
  }

  /** @param cover what covers the place at its edges, in pixels: the map is fitted between. */
  fit(cover: { top: number; right: number; bottom: number; left: number }): void {
    const { top, right, bottom, left } = cover;
    this.element.style.inset = `${top}px ${right}px ${bottom}px ${left}px`;
    this.element.style.width = `calc(100% - ${left + right}px)`;
    this.element.style.height = `calc(100% - ${top + bottom}px)`;
  }

  remove(): void {
    this.element.remove();
  }
}
