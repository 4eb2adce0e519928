// Rasters at the end of the list of layers: drawn below all lines and points, off until asked for.
import type { LayerSpecification } from "maplibre-gl";
import { readField } from "../address";
import type { Box } from "../config";
import { h } from "../dom";
import { formatUnit } from "../format";
import { fetchJson } from "../http";
import { type Bilingual, language, pick, t } from "../language";
import { isGround } from "../map/compose";
import { keepField } from "../map/kept";
import type { OperationsMap } from "../map/operations-map";

const FIELD = "rasters";
const [FAINTEST, USUAL, FULL] = [10, 70, 100];

/** A raster, as `/api/rasters` tells of it. */
interface Raster {
  id: string;
  title: Bilingual;
  description: Bilingual;
  bbox: Box;
  unit: string | null;
  tiles: string;
  minzoom: number;
  maxzoom: number;
  legend: { color: string; label: string }[];
}

/** The list of rasters with their switches, and the rasters on the map. */
export class Rasters {
  readonly element = h("div", { class: "theme rasters", role: "group", hidden: true });
  readonly #map: OperationsMap;
  readonly #on: Set<string>;
  readonly #opacity = new Map<string, number>();
  #rasters: Raster[] = [];

  constructor(map: OperationsMap) {
    this.#map = map;
    this.#on = new Set((readField(location.hash, FIELD) ?? "").split(",").filter(Boolean));
  }

  /** Asks which rasters there are; there may be none, or others than before. */
  async load(): Promise<void> {
    try {
      this.#rasters = await fetchJson<Raster[]>(`/api/rasters?lang=${language()}`);
    } catch {
      // The layers are of use without; the next language or visit asks again.
      return;
    }
    this.#render();
    for (const raster of this.#rasters) if (this.#on.has(raster.id)) this.#draw(raster);
  }

  #render(): void {
    this.element.hidden = this.#rasters.length === 0;
    this.element.setAttribute("aria-labelledby", "theme-rasters");
    this.element.replaceChildren(
      h("h3", { id: "theme-rasters" }, t("rasters")),
      h("ul", {}, ...this.#rasters.map((raster) => this.#item(raster))),
    );
  }

  #item(raster: Raster): HTMLElement {
    const toggle = h("input", {
      type: "checkbox",
      role: "switch",
      id: `raster-${raster.id}`,
      checked: this.#on.has(raster.id),
    });
    const more = h("div", { class: "legend", hidden: !toggle.checked });
    more.append(this.#legend(raster), this.#fader(raster));
    toggle.addEventListener("change", () => {
      more.hidden = !toggle.checked;
      if (toggle.checked) {
        this.#on.add(raster.id);
        this.#draw(raster);
      } else {
        this.#on.delete(raster.id);
        this.#remove(raster);
      }
      keepField(FIELD, this.#on.size > 0 ? [...this.#on].join(",") : null);
    });
    const label = h(
      "label",
      { for: toggle.id, title: pick(raster.description) },
      h("span", { class: "layer-title" }, pick(raster.title)),
    );
    return h(
      "li",
      { class: "layer", "data-raster": raster.id },
      h("div", { class: "layer-row" }, toggle, label),
      more,
    );
  }

  #legend(raster: Raster): HTMLElement {
    const lines = raster.legend.map(({ color, label }) => {
      const sample = h("span", { class: "sample sample-area", "aria-hidden": "true" });
      sample.style.setProperty("--sample", color);
      return h("li", {}, sample, h("span", {}, `${label}${formatUnit(raster.unit)}`));
    });
    return h("ul", {}, ...lines);
  }

  #fader(raster: Raster): HTMLElement {
    const slider = h("input", {
      type: "range",
      min: FAINTEST,
      max: FULL,
      step: 5,
      value: this.#opacity.get(raster.id) ?? USUAL,
      "aria-label": t("opacityOf", { layer: pick(raster.title) }),
    });
    const said = h("output", {}, `${slider.value}\u00a0%`);
    slider.addEventListener("input", () => {
      said.textContent = `${slider.value}\u00a0%`;
      this.#opacity.set(raster.id, slider.valueAsNumber);
      const map = this.#map.drawn;
      if (map.getLayer(named(raster)))
        map.setPaintProperty(named(raster), "raster-opacity", slider.valueAsNumber / FULL);
    });
    return h("div", { class: "opacity" }, h("span", {}, t("opacity")), slider, said);
  }

  #draw(raster: Raster): void {
    this.#map.whenReady(() => {
      const map = this.#map.drawn;
      if (map.getLayer(named(raster)) || !this.#on.has(raster.id)) return;
      map.addSource(named(raster), {
        type: "raster",
        tiles: [location.origin + raster.tiles],
        tileSize: 256,
        bounds: raster.bbox,
        minzoom: raster.minzoom,
        maxzoom: raster.maxzoom,
      });
      // Above the ground, and the communes' areas among it; below borders and all else.
      const isAbove = (one: LayerSpecification): boolean => one.type === "line" && !isGround(one);
      const above = map.getStyle().layers.find(isAbove)?.id;
      const opacity = (this.#opacity.get(raster.id) ?? USUAL) / FULL;
      map.addLayer(
        {
          id: named(raster),
          type: "raster",
          source: named(raster),
          paint: { "raster-opacity": opacity },
        },
        above,
      );
    });
  }

  #remove(raster: Raster): void {
    const map = this.#map.drawn;
    if (!map.getLayer(named(raster))) return;
    map.removeLayer(named(raster));
    map.removeSource(named(raster));
  }
}

function named(raster: Raster): string {
  return `raster:${raster.id}`;
}
