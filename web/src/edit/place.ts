import type { Box } from "../config";
import { button, h } from "../dom";
import { formatNumber } from "../format";
import { inBox } from "../map/box";
import type { OperationsMap } from "../map/operations-map";
import { Handles, MOST_VERTICES } from "./handles";
import { type Position, point, pointOf, vertices } from "./shapes";
import { tx } from "./texts";

const DECIMALS = 6;
const AXES = ["lat", "lon"] as const;

/** The part of a form that says where a feature is: fields for a point, handles on the map. */
export class Place {
  readonly element = h("fieldset", { class: "place", "data-column": "geometry" });
  readonly #map: OperationsMap | null;
  readonly #province: Box;
  readonly #onChange: (geometry: GeoJSON.Geometry) => void;
  readonly #fault = h("p", { class: "fault", id: "edit-place-fault", hidden: true });
  readonly #inputs = new Map<"lat" | "lon", HTMLInputElement>();
  #geometry: GeoJSON.Geometry | null = null;
  #handles: Handles | null = null;

  constructor(
    map: OperationsMap | null,
    province: Box,
    geometry: GeoJSON.Geometry | null,
    onChange: (geometry: GeoJSON.Geometry) => void,
  ) {
    this.#map = map;
    this.#province = province;
    this.#onChange = onChange;
    this.show(geometry);
  }

  /** Draws the part in the language in use. */
  render(): void {
    const at = pointOf(this.#geometry);
    this.#inputs.clear();
    const parts: (Node | string)[] = [h("legend", {}, tx(at ? "place" : "shape"))];
    if (at) parts.push(this.#coordinates(at), this.#tools());
    parts.push(h("p", { class: "hint", id: "edit-place-hint" }, this.#hint()), this.#fault);
    this.element.replaceChildren(...parts);
    if (this.#handles && this.#geometry) this.#handles.show(this.#geometry);
  }

  /** Shows a geometry, with its handles on the map. */
  show(geometry: GeoJSON.Geometry | null): void {
    this.close();
    this.#geometry = geometry;
    if (this.#map && geometry && Handles.can(geometry))
      this.#handles = new Handles(this.#map, geometry, (next) => this.#take(next));
    this.render();
  }

  say(fault: string | null): void {
    this.#fault.textContent = fault ?? "";
    this.#fault.hidden = fault === null;
    for (const input of this.#inputs.values())
      if (fault === null) input.removeAttribute("aria-invalid");
      else input.setAttribute("aria-invalid", "true");
  }

  focus(): void {
    const first = this.#inputs.get("lat");
    if (first) first.focus();
    else {
      this.element.tabIndex = -1;
      this.element.focus();
    }
  }

  /** Takes the handles off the map. */
  close(): void {
    this.#handles?.close();
    this.#handles = null;
  }

  #hint(): string {
    const geometry = this.#geometry;
    if (!geometry || !this.#map) return tx(geometry ? "noMapHint" : "noShape");
    if (geometry.type === "Point") return tx("placeHint");
    const n = vertices(geometry).length;
    if (this.#handles) return tx("shapeHint", { n: formatNumber(n) });
    return tx("shapeTooFine", { n: formatNumber(n), most: MOST_VERTICES });
  }

  #coordinates(at: Position): HTMLElement {
    const row = h("div", { class: "coordinates" });
    for (const axis of AXES) {
      const id = `edit-${axis}`;
      const input = h("input", {
        id,
        type: "number",
        step: "any",
        min: axis === "lat" ? -90 : -180,
        max: axis === "lat" ? 90 : 180,
        value: at[axis === "lat" ? 1 : 0].toFixed(DECIMALS),
        "aria-describedby": "edit-place-hint edit-place-fault",
      });
      input.addEventListener("change", () => this.#typed());
      this.#inputs.set(axis, input);
      row.append(
        h(
          "div",
          { class: "field" },
          h("label", { for: id }, tx(axis === "lat" ? "latitude" : "longitude")),
          input,
        ),
      );
    }
    return row;
  }

  #tools(): HTMLElement {
    const map = this.#map;
    return h(
      "div",
      { class: "place-tools" },
      map && button({ class: "button" }, () => this.#put(map.around().center), tx("toCenter")),
    );
  }

  #typed(): void {
    const at = AXES.map((axis) => this.#inputs.get(axis)?.value ?? "");
    const [lat, lon] = at.map(Number);
    const isPlace =
      at.every((text) => text.trim() !== "") &&
      Math.abs(lat ?? 91) <= 90 &&
      Math.abs(lon ?? 181) <= 180;
    if (!isPlace || lat === undefined || lon === undefined) {
      this.say(tx("ruleCoordinates"));
      return;
    }
    this.#put([lon, lat]);
    if (inBox([lon, lat], this.#province)) this.#map?.revealPoint([lon, lat]);
  }

  #put(at: Position): void {
    const geometry = point(at);
    this.#take(geometry);
    this.#handles?.show(geometry);
  }

  #take(geometry: GeoJSON.Geometry): void {
    this.#geometry = geometry;
    this.say(null);
    const at = pointOf(geometry);
    if (at) {
      const [lat, lon] = [this.#inputs.get("lat"), this.#inputs.get("lon")];
      if (lat) lat.value = at[1].toFixed(DECIMALS);
      if (lon) lon.value = at[0].toFixed(DECIMALS);
    }
    const hint = this.element.querySelector("#edit-place-hint");
    if (hint) hint.textContent = this.#hint();
    this.#onChange(geometry);
  }
}
