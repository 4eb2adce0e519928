import { readField } from "../../address";
import { button, h } from "../../dom";
import { formatNumber } from "../../format";
import { keepField } from "../../map/kept";
import { legs, measureRing, type Position } from "../geodesic";
import { closed, crossesItself } from "../shapes";
import { Sketch } from "../sketch";
import type { Tool, ToolContext } from "../tool";
import { formatArea, formatLength } from "../units";
import "./measure.css";
import { type Kind, type Measured, MOST_POINTS, readMeasured, writeMeasured } from "./state";
import { t } from "./text";

const FIELD = "measure";

export function open(context: ToolContext): Tool {
  return new Measure(context);
}

/** Measures distances and areas between points that are set on the map. */
class Measure implements Tool {
  readonly #context: ToolContext;
  readonly #sketch: Sketch;
  readonly #body = h("div", { class: "tool-body measure" });
  #measured: Measured;

  constructor(context: ToolContext) {
    this.#context = context;
    this.#measured = readMeasured(readField(location.hash, FIELD));
    this.#sketch = new Sketch(context.map, {
      onPoint: (position) => this.#add(position),
      onMove: (position) => this.#draw(position),
      onFinish: () => this.#finish(),
      onUndo: () => this.#undo(),
    });
    this.#sketch.drawing = this.#measured.points.length === 0;
    this.#draw(null);
  }

  title(): string {
    return t("title");
  }

  close(): void {
    this.#sketch.close();
    keepField(FIELD, null);
  }

  render(): HTMLElement {
    const kinds = (["distance", "area"] as const).map((kind) =>
      button(
        { class: "button", "aria-pressed": String(kind === this.#measured.kind) },
        () => this.#become(kind),
        t(kind),
      ),
    );
    const { points } = this.#measured;
    const { drawing } = this.#sketch;
    const few = points.length === 0;
    this.#body.replaceChildren(
      h("div", { class: "ways", role: "group", "aria-label": t("what") }, ...kinds),
      h(
        "p",
        { class: "sketch-hint", hidden: !drawing },
        t(points.length > 1 ? "hintGoOn" : "hintStart"),
      ),
      h(
        "p",
        { class: "sketch-hint key-hint", hidden: !drawing || points.length > 1 },
        t("keyHint"),
      ),
      this.#result(),
      h(
        "div",
        { class: "sketch-buttons" },
        drawing && button({ class: "button" }, () => this.#sketch.takeMiddle(), t("middle")),
        button({ class: "button", disabled: few }, () => this.#undo(), t("undo")),
        drawing
          ? button({ class: "button", disabled: few }, () => this.#finish(), t("finish"))
          : button({ class: "button" }, () => this.#again(), t("again")),
      ),
      h("p", { class: "sketch-hint" }, t("accuracy")),
    );
    if (drawing) this.#body.dataset.drawing = "";
    else delete this.#body.dataset.drawing;
    return this.#body;
  }

  /** Draws the panel anew; the keyboard stays at the button it was on. */
  #render(): void {
    const buttons = (): HTMLButtonElement[] => [...this.#body.querySelectorAll("button")];
    const at = buttons().indexOf(document.activeElement as HTMLButtonElement);
    const label = buttons()[at]?.textContent;
    this.render();
    if (at < 0) return;
    const left = buttons();
    const same = left.find((one) => one.textContent === label && !one.disabled);
    (same ?? left.findLast((one) => !one.disabled))?.focus();
  }

  #result(): HTMLElement {
    const { kind, points } = this.#measured;
    const lines = h("dl", { class: "measured" });
    const line = (name: string, ...values: string[]): void => {
      lines.append(h("dt", {}, name), h("dd", {}, ...values.map((one) => h("span", {}, one))));
    };
    if (kind === "distance") {
      const lengths = legs(points);
      line(t("total"), formatLength(lengths.reduce((sum, leg) => sum + leg, 0)));
      line(t("last"), formatLength(lengths.at(-1) ?? 0));
    } else {
      const { area, perimeter } = measureRing(points);
      line(t("area"), ...formatArea(area));
      line(t("perimeter"), formatLength(perimeter));
    }
    line(t("points"), formatNumber(points.length));
    if (kind === "area" && crossesItself(points))
      lines.append(
        h("dt", { class: "unseen" }, t("area")),
        h("dd", { class: "crossed" }, t("crossed")),
      );
    return h("div", { role: "status" }, lines);
  }

  #become(kind: Kind): void {
    this.#measured.kind = kind;
    this.#changed();
  }

  #add(position: Position): void {
    const { kind, points } = this.#measured;
    const [first] = points;
    if (kind === "area" && first && points.length > 2 && this.#sketch.isNear(first, position)) {
      this.#finish();
      return;
    }
    if (points.length >= MOST_POINTS) {
      this.#context.notify(t("full", { n: MOST_POINTS }));
      return;
    }
    points.push(position);
    this.#changed();
  }

  #undo(): void {
    this.#measured.points.pop();
    this.#sketch.drawing = true;
    this.#changed();
  }

  #finish(): void {
    if (this.#measured.points.length < 2) return;
    this.#sketch.drawing = false;
    this.#changed();
  }

  #again(): void {
    this.#measured.points = [];
    this.#sketch.drawing = true;
    this.#changed();
  }

  #changed(): void {
    keepField(FIELD, writeMeasured(this.#measured));
    this.#draw(null);
    this.#render();
  }

  /** Draws what is measured, with a line to where the mouse is. */
  #draw(mouse: Position | null): void {
    const { kind, points } = this.#measured;
    const coordinates = (mouse && points.length > 0 ? [...points, mouse] : points).map(
      ([lon, lat]): GeoJSON.Position => [lon, lat],
    );
    const corners = points.map(
      ([lon, lat]): GeoJSON.Geometry => ({ type: "Point", coordinates: [lon, lat] }),
    );
    if (coordinates.length < 2) this.#sketch.show(corners);
    else if (kind === "distance" || coordinates.length < 3)
      this.#sketch.show([{ type: "LineString", coordinates }, ...corners]);
    else {
      const ring = closed(coordinates.map(([lon = 0, lat = 0]): Position => [lon, lat]));
      const polygon = { type: "Polygon" as const, coordinates: [ring.map(([x, y]) => [x, y])] };
      this.#sketch.show([polygon, ...corners]);
    }
  }
}
