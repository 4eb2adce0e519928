import type { MapConfig } from "../config";
import type { OperationsMap } from "../map/operations-map";
import type { LayerQueries } from "../map/queries";

/** What a tool works on. */
export interface ToolContext {
  readonly config: MapConfig;
  readonly map: OperationsMap;
  readonly queries: LayerQueries;
  /** Whether a layer is on. */
  isOn(layer: string): boolean;
  /** Shows a passing notice. */
  notify(text: string): void;
  /** Puts the tool away. */
  close(): void;
}

/** A tool while it is open. */
export interface Tool {
  /** The heading of its panel, in the language in use. */
  title(): string;
  /** Its panel, in the language in use; asked for again when that changes. */
  render(): HTMLElement;
  /** Undoes what it drew and listens to. What it set in the queries stays. */
  close(): void;
}

/** What a tool's module exports: it is loaded when its button is first pressed. */
export interface ToolModule {
  open(context: ToolContext): Tool;
}
