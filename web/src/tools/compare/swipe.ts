import type { Map as MapLibre, StyleSpecification, VectorTileSource } from "maplibre-gl";
import { h } from "../../dom";
import { NAMES } from "../../map/compose";
import { MapLibre as SecondMap } from "../../map/library";
import { AreaNames } from "../../map/names";
import { theme } from "../../theme";
import { clamped } from "./state";

/** The words of the divider: its name, its value, and what each side shows. */
export interface DividerWords {
  label: string;
  value: string;
  a: string;
  b: string;
}

const STEP = 2;
const LARGE_STEP = 10;

/** A second map over the right side of the first, moving with it, and the divider between them. */
export class Swipe {
  readonly divider = h("div", {
    class: "swipe-divider",
    role: "separator",
    tabindex: 0,
    "aria-orientation": "vertical",
    "aria-valuemin": 5,
    "aria-valuemax": 95,
  });
  readonly #first: MapLibre;
  readonly #place = h("div", { class: "swipe-map" });
  readonly #second: MapLibre;
  readonly #names = {
    a: h("span", { class: "swipe-name swipe-name-a" }),
    b: h("span", { class: "swipe-name swipe-name-b" }),
  };
  readonly #onDivide: (percent: number) => void;
  readonly #follow = (): void => this.#sync(this.#first, this.#second);
  readonly #copy = (): void => this.#mirror();
  #moving = false;
  #styled = false;
  #theme = theme();
  #percent = 50;

  /**
   * @param style of the second map: that of the first, with other tiles.
   * @param label names the second map.
   * @param onDivide is told where the divider is to stand.
   * @throws when the browser cannot draw a second map.
   */
  constructor(
    first: MapLibre,
    style: StyleSpecification,
    label: string,
    onDivide: (percent: number) => void,
  ) {
    this.#first = first;
    this.#onDivide = onDivide;
    this.divider.append(this.#names.a, this.#names.b);
    first.getContainer().after(this.#place, this.divider);
    try {
      this.#second = new SecondMap({
        container: this.#place,
        style,
        center: first.getCenter(),
        zoom: first.getZoom(),
        minZoom: first.getMinZoom(),
        maxZoom: first.getMaxZoom(),
        maxBounds: first.getMaxBounds() ?? [-180, -90, 180, 90],
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        touchPitch: false,
        fadeDuration: 120,
        refreshExpiredTiles: false,
      });
    } catch (error) {
      this.#place.remove();
      this.divider.remove();
      throw error;
    }
    this.#second.touchZoomRotate.disableRotation();
    this.#second.keyboard.disableRotation();
    this.#second.getCanvas().setAttribute("aria-label", label);
    this.#second.once("style.load", () => {
      this.#styled = true;
      this.#mirror();
    });
    for (const id of Object.keys(style.sources))
      if (id.endsWith(NAMES)) new AreaNames(this.#second, id.slice(0, -NAMES.length));
    this.#second.on("move", () => this.#sync(this.#second, this.#first));
    this.#second.on("error", () => undefined);
    this.#second.on("idle", () => this.#place.setAttribute("data-idle", ""));
    this.#second.on("dataloading", () => this.#place.removeAttribute("data-idle"));
    first.on("move", this.#follow);
    first.on("styledata", this.#copy);
    this.#listen();
  }

  /** Takes a layer's tiles on the second map from an address. */
  setTiles(layer: string, tiles: string): void {
    const set = (): void => {
      this.#second.getSource<VectorTileSource>(layer)?.setTiles([location.origin + tiles]);
    };
    if (this.#styled) set();
    else this.#second.once("style.load", set);
  }

  /** Puts the divider at a part of the map's width. */
  divide(percent: number, words: DividerWords): void {
    this.#percent = clamped(percent);
    this.#place.style.clipPath = `inset(0 0 0 ${this.#percent}%)`;
    this.divider.style.left = `${this.#percent}%`;
    this.divider.setAttribute("aria-valuenow", String(this.#percent));
    this.divider.setAttribute("aria-label", words.label);
    this.divider.setAttribute("aria-valuetext", words.value);
    this.#names.a.textContent = words.a;
    this.#names.b.textContent = words.b;
  }

  /** Removes the second map and the divider. */
  close(): void {
    this.#first.off("move", this.#follow);
    this.#first.off("styledata", this.#copy);
    this.#second.remove();
    this.#place.remove();
    this.divider.remove();
  }

  #sync(from: MapLibre, to: MapLibre): void {
    if (this.#moving) return;
    this.#moving = true;
    to.jumpTo({ center: from.getCenter(), zoom: from.getZoom() });
    this.#moving = false;
  }

  /** Layers are on or off, and in the colours of the theme, as they are on the first map. */
  #mirror(): void {
    if (!this.#styled) return;
    if (this.#theme !== theme()) this.#recolour();
    for (const id of this.#second.getLayersOrder()) {
      if (!this.#first.getLayer(id)) continue;
      const visible = this.#first.getLayoutProperty(id, "visibility") ?? "visible";
      if ((this.#second.getLayoutProperty(id, "visibility") ?? "visible") !== visible)
        this.#second.setLayoutProperty(id, "visibility", visible);
    }
  }

  #recolour(): void {
    this.#theme = theme();
    for (const { id, paint } of this.#first.getStyle().layers)
      for (const [name, value] of Object.entries(paint ?? {}))
        if (name.endsWith("-color") && this.#second.getLayer(id))
          this.#second.setPaintProperty(id, name as "line-color", value);
  }

  #listen(): void {
    const { divider } = this;
    divider.addEventListener("pointerdown", (event) => {
      divider.setPointerCapture(event.pointerId);
      event.preventDefault();
      divider.focus();
    });
    divider.addEventListener("pointermove", (event) => {
      if (!divider.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.#first.getContainer().getBoundingClientRect();
      this.#onDivide(clamped(((event.clientX - left) / width) * 100));
    });
    divider.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? LARGE_STEP : STEP;
      const to = {
        ArrowLeft: this.#percent - step,
        ArrowRight: this.#percent + step,
        PageUp: this.#percent + LARGE_STEP,
        PageDown: this.#percent - LARGE_STEP,
        Home: 5,
        End: 95,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.#onDivide(clamped(to));
    });
  }
}
