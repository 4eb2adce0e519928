import type { LayerConfig, MapConfig } from "../config";
import { button, DRAWINGS, drawing, h } from "../dom";
import { pick, t } from "../language";
import type { LegendEntry, Styles } from "../map/compose";
import { ends, endsByTime } from "../map/ending";
import { legendInTheme } from "../map/night";
import { legendPicture, type Sprite } from "../map/sprite";
import type { LayerCounts } from "./layer-counts";

/** What an editor does with a layer as a whole, and the names of the buttons. */
export interface Adding {
  name: string;
  add(): void;
  deletedName: string;
  showDeleted(): void;
}

export interface LayerListOptions {
  config: MapConfig;
  styles: Styles;
  sprite: Sprite | null;
  off: ReadonlySet<string>;
  open: Set<string>;
  /** Layers of which what is over is shown, too. */
  over: ReadonlySet<string>;
  counts: LayerCounts;
  /** How strongly layers are drawn, in percent; 100 where nothing is said. */
  opacities: ReadonlyMap<string, number>;
  onToggle(layer: string, on: boolean): void;
  /** What adds a feature to a layer and brings deleted ones back; null where the person may not. */
  adding(layer: LayerConfig): Adding | null;
  onOver(layer: string, on: boolean): void;
  onOpacity(layer: string, percent: number): void;
}

const FAINTEST = 10;
const FULL = 100;

/** The layers by theme, each with its switch, symbol, count, legend and opacity. */
export function layerList(options: LayerListOptions): HTMLElement {
  const list = h("section", { class: "layers", "aria-labelledby": "layers-title" });
  list.append(h("h2", { id: "layers-title", class: "section-title" }, t("layers")));
  if (options.config.layers.length === 0) list.append(h("p", { class: "empty" }, t("noLayers")));
  for (const theme of options.config.themes) {
    const layers = theme.layers
      .map((id) => options.config.layers.find((layer) => layer.id === id))
      .filter((layer): layer is LayerConfig => layer !== undefined);
    if (layers.length === 0) continue;
    const title = `theme-${theme.id}`;
    list.append(
      h(
        "div",
        { class: "theme", role: "group", "aria-labelledby": title },
        h("h3", { id: title }, pick(theme.title)),
        h("ul", {}, ...layers.map((layer) => item(layer, options))),
      ),
    );
  }
  return list;
}

function item(layer: LayerConfig, options: LayerListOptions): HTMLElement {
  const legend = legendInTheme(options.styles.get(layer.id));
  const toggle = h("input", {
    type: "checkbox",
    role: "switch",
    id: `layer-${layer.id}`,
    checked: !options.off.has(layer.id),
  });
  toggle.addEventListener("change", () => options.onToggle(layer.id, toggle.checked));
  const first = legend[0];
  const label = h(
    "label",
    { for: toggle.id, title: pick(layer.description) },
    first ? legendPicture(first, options.sprite) : null,
    h("span", { class: "layer-title" }, pick(layer.title)),
  );
  const row = h("div", { class: "layer-row" }, toggle, label);
  const count = options.counts.element(layer);
  if (count) row.append(count);
  const adding = options.adding(layer);
  if (adding)
    row.append(
      button(
        { class: "icon-button layer-add", "aria-label": adding.name, title: adding.name },
        () => adding.add(),
        drawing(DRAWINGS.plus),
      ),
    );
  const element = h("li", { class: "layer", "data-layer": layer.id }, row);
  if (layer.count === 0) element.append(h("p", { class: "empty" }, t("noFeatures")));
  else if (ends(options.styles.get(layer.id))) element.append(overSwitch(layer, options));
  row.append(legendButton(layer, legend, element, options, adding));
  return element;
}

function overSwitch(layer: LayerConfig, options: LayerListOptions): HTMLElement {
  const toggle = h("input", { type: "checkbox", checked: options.over.has(layer.id) });
  toggle.addEventListener("change", () => options.onOver(layer.id, toggle.checked));
  const text = endsByTime(options.styles.get(layer.id)) ? t("showOver") : t("showEarlier");
  return h("label", { class: "over-switch" }, toggle, text);
}

/** The slider of how strongly a layer is drawn. */
function opacity(layer: LayerConfig, options: LayerListOptions): HTMLElement {
  const slider = h("input", {
    type: "range",
    id: `opacity-${layer.id}`,
    min: FAINTEST,
    max: FULL,
    step: 5,
    value: options.opacities.get(layer.id) ?? FULL,
    "aria-label": t("opacityOf", { layer: pick(layer.title) }),
  });
  const said = h("output", { for: slider.id });
  const show = (): void => {
    said.textContent = `${slider.value}\u00a0%`;
    slider.setAttribute("aria-valuetext", `${slider.value} %`);
  };
  slider.addEventListener("input", () => {
    show();
    options.onOpacity(layer.id, slider.valueAsNumber);
  });
  show();
  return h("div", { class: "opacity" }, h("label", { for: slider.id }, t("opacity")), slider, said);
}

function legendButton(
  layer: LayerConfig,
  legend: LegendEntry[],
  element: HTMLElement,
  options: LayerListOptions,
  adding: Adding | null,
): HTMLButtonElement {
  const id = `legend-${layer.id}`;
  const lines = legend.map((entry) =>
    h("li", {}, legendPicture(entry, options.sprite, 0.75), h("span", {}, pick(entry.label))),
  );
  const more = h(
    "div",
    { id, class: "legend" },
    lines.length > 0 && h("ul", {}, ...lines),
    opacity(layer, options),
    adding &&
      button({ class: "button layer-deleted" }, () => adding.showDeleted(), adding.deletedName),
  );
  const opener = button(
    { class: "icon-button legend-button", "aria-controls": id },
    () => {
      if (!options.open.delete(layer.id)) options.open.add(layer.id);
      show();
    },
    drawing(DRAWINGS.chevron),
  );
  const show = (): void => {
    const open = options.open.has(layer.id);
    more.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    opener.setAttribute(
      "aria-label",
      t(open ? "hideLegend" : "showLegend", { layer: pick(layer.title) }),
    );
  };
  show();
  element.append(more);
  return opener;
}
