// The province coloured by a figure: choices, map, legend and table.
import type { ExpressionSpecification, StyleSpecification } from "maplibre-gl";
import { button, DRAWINGS, drawing, h } from "../dom";
import { formatNumber } from "../format";
import { fetchJson } from "../http";
import { pick } from "../locale";
import type { MapLibre } from "../map/library";
import { onTheme, type Theme, theme } from "../theme";
import type { Area, Areas, Kind, Level, Measure } from "./data";
import { legendLines } from "./legend";
import { CHOSEN, coloured, FILL, LINE, PAPER, repaint, UNITS } from "./map-style";
import { colourOf, palette } from "./scale";
import { t, unitWord } from "./text";

/** Pixels of the names, beside a page and on a wall. */
const [SMALL, LARGE] = [12, 17];
const LEVELS: Level[] = ["district", "commune"];
const KINDS: Kind[] = ["values", "rates"];

/** What is shown; it outlives a change of language. */
export interface Choice {
  measure: string;
  level: Level;
  kind: Kind;
}

export class Choropleth {
  readonly element = h("section", { class: "scene scene-map", "data-scene": "map" });
  readonly choice: Choice = { measure: "sos_open", level: "district", kind: "values" };
  readonly #place = h("div", { class: "choropleth-map" });
  readonly #controls = h("div", { class: "choropleth-controls" });
  readonly #legend = h("div", { class: "choropleth-legend" });
  readonly #readout = h("p", { class: "choropleth-readout" });
  readonly #table = h("table");
  #data: Areas | null = null;
  #map: MapLibre | null = null;
  #chosen: string | null = null;
  #begun = false;
  #wall = false;
  /** Paints the ground by day or at night. */
  #ground: ((on: Theme) => void) | null = null;

  /** @param reload asks for the areas of the level that is chosen. */
  constructor(readonly reload: () => void) {
    onTheme(() => this.#paint());
    addEventListener("beforeprint", () => this.#onPaper(true));
    addEventListener("afterprint", () => this.#onPaper(false));
  }

  /** Builds all but the map anew, in the language in use. */
  render(): void {
    const place = h(
      "div",
      { class: "choropleth-stage" },
      this.#place,
      this.#readout,
      h(
        "div",
        { class: "map-buttons" },
        this.#mapButton("plus", "zoomIn", () => this.#map?.zoomIn()),
        this.#mapButton("minus", "zoomOut", () => this.#map?.zoomOut()),
        this.#mapButton("home", "home", () => this.#home()),
      ),
    );
    this.element.replaceChildren(
      h("h2", {}, t("byArea")),
      this.#controls,
      h("div", { class: "choropleth-body" }, place, this.#legend),
      h(
        "details",
        {},
        h("summary", {}, t("showTable")),
        h(
          "div",
          { class: "table-scroll", tabindex: 0, role: "group", "aria-label": t("byArea") },
          this.#table,
        ),
      ),
    );
    this.#controls.replaceChildren();
    if (this.#data) this.show(this.#data);
  }

  show(data: Areas): void {
    this.#data = data;
    if (!data.measures.some(({ id }) => id === this.choice.measure))
      this.choice.measure = data.measures[0]?.id ?? "";
    if (this.#controls.childElementCount === 0) this.#controls.append(...this.#choices(data));
    if (!this.#begun) {
      this.#begun = true;
      void this.#draw(data);
    }
    this.#paint();
  }

  /** Tells the map that its place has another size, and whether it is read from afar. */
  resize(wall: boolean): void {
    this.#wall = wall;
    const map = this.#map;
    if (!map) return;
    map.resize();
    for (const { id, type } of map.getStyle().layers)
      if (type === "symbol") map.setLayoutProperty(id, "text-size", wall ? LARGE : SMALL);
  }

  #choices(data: Areas): HTMLElement[] {
    const measures = h(
      "select",
      { id: "measure" },
      ...data.measures.map((one) =>
        h("option", { value: one.id, selected: one.id === this.choice.measure }, pick(one.title)),
      ),
    );
    measures.addEventListener("change", () => {
      this.choice.measure = measures.value;
      this.#paint();
    });
    return [
      h("div", { class: "field" }, h("label", { for: "measure" }, t("measure")), measures),
      this.#switch("level", LEVELS, (level) => {
        this.choice.level = level;
        this.reload();
      }),
      this.#switch("kind", KINDS, (kind) => {
        this.choice.kind = kind;
        this.#paint();
      }),
    ];
  }

  #switch<T extends Level | Kind>(
    name: "level" | "kind",
    options: T[],
    choose: (option: T) => void,
  ): HTMLElement {
    const group = h("div", { class: "choice", role: "group", "aria-label": t(name) });
    for (const option of options)
      group.append(
        button(
          { "aria-pressed": String(option === this.choice[name]) },
          (event) => {
            for (const other of group.children)
              other.setAttribute("aria-pressed", String(other === event.currentTarget));
            choose(option);
          },
          t(option),
        ),
      );
    return h("div", { class: "field" }, h("span", { "aria-hidden": "true" }, t(name)), group);
  }

  #mapButton(
    shape: keyof typeof DRAWINGS,
    label: "zoomIn" | "zoomOut" | "home",
    act: () => void,
  ): HTMLElement {
    return button({ title: t(label), "aria-label": t(label) }, act, drawing(DRAWINGS[shape]));
  }

  get #measure(): Measure | null {
    return this.#data?.measures.find(({ id }) => id === this.choice.measure) ?? null;
  }

  #paint(): void {
    const data = this.#data;
    const measure = this.#measure;
    if (!data || !measure) return;
    const limits = measure.classes[this.choice.kind];
    const { chosen } = palette(theme());
    this.#legend.replaceChildren(...this.#legendOf(measure, limits, theme()));
    this.#table.replaceChildren(...this.#rows(data, measure));
    this.#tell(this.#chosen);
    const map = this.#map;
    if (!map) return;
    map.getCanvas().setAttribute("aria-label", t("mapLabel", { title: this.#title(measure) }));
    for (const id of [FILL, PAPER, LINE]) map.setFilter(id, ["==", ["get", "level"], data.level]);
    map.setPaintProperty(FILL, "fill-color", this.#colours(data, measure, theme()));
    map.setPaintProperty(PAPER, "fill-color", this.#colours(data, measure, "light"));
    map.setPaintProperty(CHOSEN, "line-color", chosen);
    map.once("idle", () =>
      this.element.setAttribute("data-painted", `${measure.id} ${data.level}`),
    );
  }

  /** The colour of each area. */
  #colours(data: Areas, measure: Measure, on: Theme): ExpressionSpecification | string {
    const { kind } = this.choice;
    const { hidden } = palette(on);
    const colours = data.areas.flatMap((area) => [
      area.code,
      colourOf(area, measure.id, kind, measure.classes[kind], on),
    ]);
    if (colours.length === 0) return hidden;
    return ["match", ["to-string", ["get", "id"]], ...colours, hidden] as ExpressionSpecification;
  }

  /** Puts map and legend into the colours of paper, at once, or back into those of the theme. */
  #onPaper(printing: boolean): void {
    const [measure, map] = [this.#measure, this.#map];
    if (theme() === "light" || !measure || !map) return;
    const on = printing ? "light" : theme();
    const limits = measure.classes[this.choice.kind];
    this.#legend.replaceChildren(...this.#legendOf(measure, limits, on));
    this.#ground?.(on);
    map.setPaintProperty(PAPER, "fill-opacity", printing ? 1 : 0);
    map.redraw();
  }

  #title(measure: Measure): string {
    const unit = this.choice.kind === "rates" ? t("rates") : unitWord(measure.unit);
    return unit ? `${pick(measure.title)} (${unit.toLowerCase()})` : pick(measure.title);
  }

  #legendOf(measure: Measure, limits: number[], on: Theme): HTMLElement[] {
    const areas = this.#data?.areas ?? [];
    const values = areas.map((area) => area[this.choice.kind][measure.id] ?? null);
    return [
      h("h3", {}, this.#title(measure)),
      h(
        "ul",
        { "aria-label": t("legend") },
        ...legendLines({
          limits,
          whole: this.choice.kind === "values",
          values,
          on,
          label: (low, high) =>
            low === high ? formatNumber(low) : `${formatNumber(low)} – ${formatNumber(high)}`,
          zero: t("classZero"),
          hidden: t("classHidden"),
        }),
      ),
      h("p", { class: "soft" }, areas.length === 0 ? t("noAreas") : t("legendHint")),
    ];
  }

  #number(area: Area, measure: Measure, kind: Kind): string {
    const value = area[kind][measure.id];
    if (value !== null && value !== undefined) return formatNumber(value);
    return area.suppressed.includes(measure.id) && kind === "values"
      ? t("fewer", { n: this.#data?.fewest ?? 0 })
      : t("classHidden");
  }

  #rows(data: Areas, measure: Measure): HTMLElement[] {
    const { kind } = this.choice;
    const ordered = [...data.areas].sort(
      (a, b) => (b[kind][measure.id] ?? -1) - (a[kind][measure.id] ?? -1),
    );
    return [
      h("caption", {}, `${pick(measure.title)} · ${t(data.level)}`),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...[t("area"), t("values"), t("rates"), t("areaKm2")].map((title) =>
            h("th", { scope: "col" }, title),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        ...ordered.map((area) =>
          h(
            "tr",
            { "data-code": area.code },
            h("th", { scope: "row" }, area.name),
            h("td", {}, this.#number(area, measure, "values")),
            h("td", {}, this.#number(area, measure, "rates")),
            h("td", {}, area.areaKm2 === null ? t("noValue") : formatNumber(area.areaKm2)),
          ),
        ),
      ),
    ];
  }

  /** Shows the name and the number of an area; the hint where there is none. */
  #tell(code: string | null): void {
    this.#chosen = code;
    const measure = this.#measure;
    const area = this.#data?.areas.find((one) => one.code === code);
    this.#map?.setFilter(CHOSEN, ["==", ["to-string", ["get", "id"]], code ?? ""]);
    if (!area || !measure) {
      this.#readout.textContent = this.#map || !this.#begun ? t("mapHint") : "";
      return;
    }
    const unit = this.choice.kind === "rates" ? t("rates").toLowerCase() : unitWord(measure.unit);
    this.#readout.replaceChildren(
      h("b", {}, area.name),
      ` · ${pick(measure.title)}: `,
      h("b", {}, this.#number(area, measure, this.choice.kind)),
      ` ${unit}`,
    );
  }

  #home(): void {
    const [west, south, east, north] = this.#data?.province.bbox ?? [-180, -80, 180, 80];
    this.#map?.fitBounds([west, south, east, north], { padding: 16 });
  }

  async #draw(data: Areas): Promise<void> {
    try {
      const [{ MapLibre }, { pageStyle }, { AreaNames }, night, ground] = await Promise.all([
        import("../map/library"),
        import("../map/page-map"),
        import("../map/names"),
        import("../map/night"),
        fetchJson<StyleSpecification>(`/ogc/styles/${UNITS}?f=mapbox`),
      ]);
      const day = pageStyle(ground, null, null);
      const map = new MapLibre({
        container: this.#place,
        style: coloured(night.inTheme(day)),
        bounds: data.province.bbox,
        fitBoundsOptions: { padding: 16 },
        attributionControl: false,
        dragRotate: false,
        scrollZoom: false,
        // A finger that moves over the map moves the page; two fingers move the map.
        dragPan: !matchMedia("(pointer: coarse)").matches,
      });
      map.touchZoomRotate.disableRotation();
      new AreaNames(map, UNITS);
      map.on("error", () => undefined);
      map.on("mousemove", FILL, ({ features }) => this.#tell(idOf(features?.[0])));
      map.on("mouseleave", FILL, () => this.#tell(null));
      map.on("click", FILL, ({ features }) => this.#tell(idOf(features?.[0])));
      await map.once("load");
      this.#map = map;
      this.#ground = (on) => repaint(map, on === "dark" ? night.nightStyle(day) : day);
      night.keepInTheme(map, day);
      this.resize(this.#wall);
      new ResizeObserver(() => {
        map.resize();
        this.#home();
      }).observe(this.#place);
      this.#paint();
    } catch {
      this.#place.classList.add("map-missing");
      this.#place.textContent = t("mapMissing");
      this.#readout.textContent = "";
    }
  }
}

function idOf(feature: { properties: Record<string, unknown> } | undefined): string | null {
  return feature ? String(feature.properties.id) : null;
}
