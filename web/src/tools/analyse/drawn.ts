// A result on the map: drawn as its layer is, whether it is kept or not, step by step where it has steps.
import type {
  ExpressionSpecification,
  GeoJSONSource,
  LayerSpecification,
  Map as MapLibre,
  MapMouseEvent,
  PointLike,
  SourceSpecification,
} from "maplibre-gl";
import type { LayerConfig } from "../../config";
import type { OperationsMap } from "../../map/operations-map";
import { arcLayers, arcs, FLOW, strongest } from "./arcs";
import { listOf, type Properties, type Result } from "./result";

const SOURCE = "analysis-result";
/** So far beside a line a press still means it. */
const REACH_PX = 8;
/** The z-scores at which 90, 95 and 99 of 100 lie below, either side. */
const BOUNDS = [-2.58, -1.96, -1.65, 1.65, 1.96, 2.58] as const;
/** From cold to hot, ColorBrewer's RdBu. */
export const SHADES = [
  "#2166ac",
  "#67a9cf",
  "#d1e5f0",
  "#f7f7f7",
  "#fddbc7",
  "#ef8a62",
  "#b2182b",
] as const;
const UNKNOWN = "#b3b3b3";

/** Draws one result below the points of the map, and tells which area is pressed. */
export class DrawnResult {
  readonly #map: MapLibre;
  readonly #onPick: (area: Properties) => void;
  #ids: string[] = [];

  constructor(map: OperationsMap, onPick: (area: Properties) => void) {
    this.#map = map.drawn;
    this.#onPick = onPick;
  }

  /** Draws a result in the style of the layer that it would be kept in. */
  show(result: Result, layer: LayerConfig | undefined): void {
    this.clear();
    const parts = layer?.drawing?.layers.filter(({ type }) => type === "fill" || type === "line");
    if (parts) this.#draw({ type: "geojson", data: withSteps(result) }, parts);
  }

  /** Draws flows as arcs that are as wide as they are strong. */
  showFlows(result: Result): void {
    this.clear();
    const color = getComputedStyle(document.documentElement).getPropertyValue("--flow").trim();
    const source: SourceSpecification = { type: "geojson", data: arcs(result), lineMetrics: true };
    this.#draw(source, arcLayers(SOURCE, strongest(result), color));
  }

  /** Marks the arc of a flow. */
  mark(flow: unknown): void {
    for (const id of this.#ids.filter((one) => one.endsWith("_marked")))
      this.#map.setFilter(id, ["==", ["get", FLOW], String(flow)]);
  }

  #draw(source: SourceSpecification, parts: readonly LayerSpecification[]): void {
    this.#map.addSource(SOURCE, source);
    const above = this.#map.getStyle().layers.find(({ type }) => /^(symbol|circle)$/.test(type));
    for (const part of parts) {
      const { "source-layer": _, ...plain } = part as LayerSpecification & {
        "source-layer"?: string;
      };
      const id = `${SOURCE}:${part.id}`;
      this.#map.addLayer({ ...plain, id, source: SOURCE } as LayerSpecification, above?.id);
      this.#ids.push(id);
    }
    this.#map.on("click", this.#pressed);
  }

  /** Colours by the z-score of one step; null: by class, as the whole of the time is. */
  showStep(step: number | null, layer: LayerConfig | undefined): void {
    const fill = layer?.drawing?.layers.find(({ type }) => type === "fill");
    const id = this.#ids.find((one) => this.#map.getLayer(one)?.type === "fill");
    if (!fill || !id) return;
    const paint = (fill.paint ?? {}) as Record<string, unknown>;
    const colour = step === null ? paint["fill-color"] : byZ(step);
    this.#map.setPaintProperty(id, "fill-color", colour as never);
    this.#map.setPaintProperty(
      id,
      "fill-opacity",
      (step === null ? paint["fill-opacity"] : 0.6) as never,
    );
  }

  clear(): void {
    this.#map.off("click", this.#pressed);
    for (const id of this.#ids.splice(0)) this.#map.removeLayer(id);
    if (this.#map.getSource<GeoJSONSource>(SOURCE)) this.#map.removeSource(SOURCE);
  }

  readonly #pressed = ({ point }: MapMouseEvent): void => {
    const layers = this.#ids;
    const near: [PointLike, PointLike] = [
      [point.x - REACH_PX, point.y - REACH_PX],
      [point.x + REACH_PX, point.y + REACH_PX],
    ];
    const [found] = [
      ...this.#map.queryRenderedFeatures(point, { layers }),
      ...this.#map.queryRenderedFeatures(near, { layers }),
    ];
    if (found) this.#onPick(found.properties);
  };
}

function byZ(step: number): ExpressionSpecification {
  const z = ["get", `z${step}`];
  const shades = BOUNDS.flatMap((bound, at) => [bound, SHADES[at + 1]]);
  return [
    "case",
    ["==", ["typeof", z], "number"],
    ["step", ["to-number", z], SHADES[0], ...shades],
    UNKNOWN,
  ] as unknown as ExpressionSpecification;
}

/** The areas with the z-score of each step as a property of its own, which a style can read. */
function withSteps(result: Result): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: result.features.map((one) => {
      const z = listOf(one.properties.z_by_step).map((value, step) => [`z${step}`, value]);
      return { ...one, properties: { ...one.properties, ...Object.fromEntries(z) } };
    }),
  };
}
