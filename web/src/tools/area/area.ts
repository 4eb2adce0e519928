import { readField } from "../../address";
import { button, h } from "../../dom";
import { formatNumber } from "../../format";
import { boxOf } from "../../map/box";
import { keepField } from "../../map/kept";
import type { Position } from "../geodesic";
import { crossesItself } from "../shapes";
import { Sketch } from "../sketch";
import type { Tool, ToolContext } from "../tool";
import { formatArea, formatLength } from "../units";
import "./area.css";
import { inside } from "./inside";
import {
  boxBetween,
  circleThrough,
  groundOf,
  MOST_CORNERS,
  question,
  readSelection,
  type Selection,
  sizeOf,
  type Unit,
  writeSelection,
} from "./selection";
import { t } from "./text";
import { unitOf, unitSearch } from "./units";

const FIELD = "area";
const WAYS = ["box", "polygon", "circle"] as const;
type Way = (typeof WAYS)[number];
const HINTS = { box: "boxHint", polygon: "polygonHint", circle: "circleHint" } as const;

export function open(context: ToolContext): Tool {
  return new Area(context);
}

/** Selects an area on the map: what lies in it, by layer and class, and its downloads. */
class Area implements Tool {
  readonly #context: ToolContext;
  readonly #sketch: Sketch;
  readonly #body = h("div", { class: "tool-body area" });
  readonly #results = h("div", { class: "insides", role: "status" });
  readonly #stop: () => void;
  #way: Way | null = null;
  #points: Position[] = [];
  #selection: Selection | null;
  #unit: Unit | null = null;
  #whole = false;
  #running: AbortController | null = null;

  constructor(context: ToolContext) {
    this.#context = context;
    this.#selection = readSelection(readField(location.hash, FIELD));
    this.#sketch = new Sketch(context.map, {
      onPoint: (position) => this.#add(position),
      onMove: (position) => this.#draw(position),
      onFinish: () => this.#finish(),
      onUndo: () => this.#undo(),
    });
    this.#stop = context.queries.onChange(() => void this.#ask());
  }

  title(): string {
    return t("title");
  }

  close(): void {
    this.#stop();
    this.#running?.abort();
    this.#sketch.close();
    keepField(FIELD, null);
  }

  render(): HTMLElement {
    void this.#ask();
    return this.#panel();
  }

  #panel(): HTMLElement {
    const way = this.#way;
    const search =
      way === null
        ? unitSearch(this.#context.config, (code) => this.#select({ kind: "unit", code }))
        : null;
    this.#body.replaceChildren(
      h(
        "div",
        { class: "ways", role: "group", "aria-label": t("ways") },
        button({ class: "button" }, () => this.#takeView(), t("view")),
        ...WAYS.map((one) =>
          button(
            { class: "button", "aria-pressed": String(one === way) },
            () => this.#begin(one),
            t(one),
          ),
        ),
      ),
      ...[search, way && this.#drawing(way), way === null && this.#selected()].filter(
        (part): part is HTMLElement => part instanceof HTMLElement,
      ),
      this.#results,
    );
    if (way) this.#body.dataset.drawing = "";
    else delete this.#body.dataset.drawing;
    return this.#body;
  }

  /** What helps while an area is drawn. */
  #drawing(way: Way): HTMLElement {
    const few = this.#points.length === 0;
    return h(
      "div",
      { class: "sketching" },
      h("p", { class: "sketch-hint" }, t(HINTS[way])),
      h("p", { class: "sketch-hint key-hint" }, t("keyHint")),
      h(
        "div",
        { class: "sketch-buttons" },
        button({ class: "button" }, () => this.#sketch.takeMiddle(), t("middle")),
        button({ class: "button", disabled: few }, () => this.#undo(), t("undo")),
        way === "polygon" &&
          button(
            { class: "button", disabled: this.#points.length < 3 },
            () => this.#finish(),
            t("finish"),
          ),
      ),
    );
  }

  /** What is said of the area that is selected. */
  #selected(): HTMLElement | null {
    const selection = this.#selection;
    const ground = selection && groundOf(selection, this.#unit);
    if (!selection || !ground) return null;
    const [size = ""] = formatArea(sizeOf(ground));
    const parts = [t("size", { area: size })];
    if (selection.kind === "circle")
      parts.push(t("radius", { length: formatLength(selection.metres) }));
    const whole = h("input", { type: "checkbox", checked: this.#whole });
    whole.addEventListener("change", () => {
      this.#whole = whole.checked;
      void this.#ask();
    });
    const { corners } = question(selection, this.#unit, this.#whole);
    return h(
      "div",
      { class: "selected" },
      this.#unit && h("p", { class: "unit-name" }, this.#unit.name),
      h("p", {}, parts.join(", ")),
      corners !== null &&
        h("p", { class: "sketch-hint" }, t("simplified", { n: formatNumber(corners) })),
      h("label", { class: "whole" }, whole, t("whole")),
      button({ class: "button" }, () => this.#clear(), t("clear")),
    );
  }

  #begin(way: Way): void {
    if (this.#way === way) {
      this.#stopDrawing();
      this.#changed();
      return;
    }
    this.#clear();
    this.#way = way;
    this.#sketch.drawing = true;
    this.#changed();
  }

  #stopDrawing(): void {
    this.#way = null;
    this.#points = [];
    this.#sketch.drawing = false;
  }

  #clear(): void {
    this.#running?.abort();
    this.#stopDrawing();
    this.#selection = null;
    this.#unit = null;
    this.#results.replaceChildren();
    keepField(FIELD, null);
    this.#changed();
  }

  #takeView(): void {
    const bounds = this.#context.map.drawn.getBounds();
    const [one, other] = [bounds.getSouthWest(), bounds.getNorthEast()].map(
      ({ lng, lat }): Position => [Number(lng.toFixed(6)), Number(lat.toFixed(6))],
    );
    const box = one && other && boxBetween(one, other);
    if (box) this.#select(box);
  }

  #add(position: Position): void {
    const [first] = this.#points;
    if (this.#way === "polygon" && first && this.#points.length > 2)
      if (this.#sketch.isNear(first, position)) {
        this.#finish();
        return;
      }
    if (this.#points.length >= MOST_CORNERS) {
      this.#context.notify(t("full", { n: MOST_CORNERS }));
      return;
    }
    this.#points.push(position);
    if (this.#way !== "polygon" && first) this.#finish();
    else this.#changed();
  }

  #undo(): void {
    this.#points.pop();
    this.#changed();
  }

  #finish(): void {
    const selection = this.#sketched(this.#points);
    if (!selection) return;
    if (selection.kind === "polygon" && crossesItself(selection.corners))
      this.#context.notify(t("crossed"));
    else this.#select(selection);
  }

  /** The area that points make in the way that is chosen; null while they make none. */
  #sketched(points: readonly Position[]): Selection | null {
    const [first, second] = points;
    if (this.#way === "polygon")
      return points.length > 2 ? { kind: "polygon", corners: points } : null;
    if (!first || !second) return null;
    return this.#way === "box" ? boxBetween(first, second) : circleThrough(first, second);
  }

  #select(selection: Selection): void {
    this.#stopDrawing();
    this.#selection = selection;
    this.#unit = null;
    keepField(FIELD, writeSelection(selection));
    this.#changed();
    void this.#ask(true);
  }

  /** Draws the map and the panel anew; the keyboard stays where it was. */
  #changed(): void {
    this.#draw(null);
    const buttons = (): HTMLButtonElement[] => [...this.#body.querySelectorAll("button")];
    const label = buttons().find((one) => one === document.activeElement)?.textContent;
    this.#panel();
    if (label === undefined) return;
    const same = buttons().find((one) => one.textContent === label && !one.disabled);
    if (same) same.focus();
    else this.#body.closest<HTMLElement>(".tool")?.focus();
  }

  #draw(mouse: Position | null): void {
    const corners = this.#points.map(
      ([lon, lat]): GeoJSON.Geometry => ({ type: "Point", coordinates: [lon, lat] }),
    );
    const points = mouse && this.#points.length > 0 ? [...this.#points, mouse] : this.#points;
    const selection = this.#way ? this.#sketched(points) : this.#selection;
    const ground = selection && groundOf(selection, this.#unit);
    const path = points.map(([lon, lat]): GeoJSON.Position => [lon, lat]);
    if (ground) this.#sketch.show([ground, ...corners]);
    else if (path.length > 1 && this.#way)
      this.#sketch.show([{ type: "LineString", coordinates: path }, ...corners]);
    else this.#sketch.show(corners);
  }

  /** Asks the server what lies in the area; `shows` moves the map to a unit. */
  async #ask(shows = false): Promise<void> {
    const selection = this.#selection;
    this.#running?.abort();
    if (!selection) return;
    const running = new AbortController();
    this.#running = running;
    this.#results.replaceChildren(h("p", {}, t("counting")));
    const { config, queries, map } = this.#context;
    try {
      if (selection.kind === "unit" && this.#unit === null) {
        this.#unit = await unitOf(config, selection.code, running.signal);
        this.#changed();
        const box = boxOf(this.#unit.geometry);
        if (shows && box) map.showBox(box);
      } else this.#draw(null);
      const asked = question(selection, this.#unit, this.#whole);
      const parts = await inside(config, queries, asked, running.signal);
      this.#results.replaceChildren(...parts);
    } catch {
      if (!running.signal.aborted) this.#results.replaceChildren(h("p", {}, t("failed")));
    }
  }
}
