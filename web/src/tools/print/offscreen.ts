import type { StyleSpecification } from "maplibre-gl";
import { h } from "../../dom";
import { NAMES } from "../../map/compose";
import { MapLibre } from "../../map/library";
import { AreaNames } from "../../map/names";
import { CSS_DPI, dots, MM_PER_INCH, type Size } from "./paper";

const PATIENCE_MS = 150_000;
/**
 * Dots in a pixel of CSS while tiles are coming, since each of them draws the map anew; above 1, so
 * that the finer symbols are loaded.
 */
const DRAFT_RATIO = 1.01;

/** This device cannot draw a picture that large. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";
  readonly pixels: Size;

  constructor(pixels: Size) {
    super(`cannot draw ${pixels.width} by ${pixels.height}`);
    this.pixels = pixels;
  }
}

/** A part of the map as it is printed. */
export interface MapPart {
  style: StyleSpecification;
  center: [number, number];
  zoom: number;
  /** On paper, in millimetres. */
  size: Size;
  dpi: number;
  /** The symbols that are wanted beside the map. */
  icons: ReadonlySet<string>;
}

export interface DrawnMap {
  canvas: HTMLCanvasElement;
  /** What the canvas has on paper: a whole number of the map's own pixels, in millimetres. */
  size: Size;
  icons: ReadonlyMap<string, HTMLCanvasElement>;
}

/**
 * Draws a part of the map out of sight, symbols and letters in the size they have on the screen.
 *
 * @throws TooLarge when the device cannot.
 * @throws Error when tiles do not come, or take over 150 seconds.
 */
export async function drawMap(part: MapPart, signal: AbortSignal): Promise<DrawnMap> {
  const css = {
    width: dots(part.size.width, CSS_DPI),
    height: dots(part.size.height, CSS_DPI),
  };
  const ratio = part.dpi / CSS_DPI;
  const pixels = { width: Math.floor(css.width * ratio), height: Math.floor(css.height * ratio) };
  const container = h("div", { class: "print-stage", "aria-hidden": "true" });
  container.style.width = `${css.width}px`;
  container.style.height = `${css.height}px`;
  document.body.append(container);
  let map: MapLibre | null = null;
  try {
    map = new MapLibre({
      container,
      style: part.style,
      center: part.center,
      zoom: part.zoom,
      maxZoom: 24,
      pixelRatio: ratio,
      maxCanvasSize: [pixels.width + 1, pixels.height + 1],
      canvasContextAttributes: { preserveDrawingBuffer: true, antialias: true },
      interactive: false,
      attributionControl: false,
      fadeDuration: 0,
    });
    requireWhole(map.getCanvas(), pixels);
    map.setPixelRatio(Math.min(ratio, DRAFT_RATIO));
    for (const id of Object.keys(part.style.sources))
      if (id.endsWith(NAMES)) new AreaNames(map, id.slice(0, -NAMES.length));
    await settled(map, signal);
    map.setPixelRatio(ratio);
    requireWhole(map.getCanvas(), pixels);
    await settled(map, signal);
    const mm = (px: number): number => (px * MM_PER_INCH) / CSS_DPI;
    return {
      canvas: copied(map.getCanvas(), pixels),
      size: { width: mm(css.width), height: mm(css.height) },
      icons: iconsOf(map, part.icons),
    };
  } finally {
    map?.remove();
    container.remove();
  }
}

/** Refuses a canvas that the device made smaller than was asked for. */
function requireWhole(canvas: HTMLCanvasElement, pixels: Size): void {
  const gl = canvas.getContext("webgl2");
  if (
    !gl ||
    canvas.width < pixels.width - 1 ||
    gl.drawingBufferWidth < canvas.width ||
    gl.drawingBufferHeight < canvas.height
  )
    throw new TooLarge(pixels);
}

/** Done when all that is in view has been drawn. */
function settled(map: MapLibre, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the map took too long")), PATIENCE_MS);
    const end = (action: () => void): void => {
      clearTimeout(timer);
      action();
    };
    signal.addEventListener("abort", () => end(() => reject(signal.reason)), { once: true });
    map.on("error", ({ error }) => {
      const { status, message } = error as { status?: number; message?: string };
      if (status ? status >= 500 : /fetch|network/i.test(message ?? ""))
        end(() => reject(error instanceof Error ? error : new Error(message)));
    });
    // Names come after the areas they are of: only a second rest in a row is the end.
    map.once("idle", () => {
      map.triggerRepaint();
      map.once("idle", () => end(resolve));
    });
  });
}

/** A canvas of a size; one that the device pretends to have is found out. */
export function canvasOf(pixels: Size): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = h("canvas", { width: pixels.width, height: pixels.height });
  const context = canvas.getContext("2d");
  if (!context) throw new TooLarge(pixels);
  const corner = [pixels.width - 1, pixels.height - 1, 1, 1] as const;
  context.fillRect(...corner);
  if (context.getImageData(...corner).data[3] !== 255) throw new TooLarge(pixels);
  context.clearRect(...corner);
  return [canvas, context];
}

function copied(source: HTMLCanvasElement, pixels: Size): HTMLCanvasElement {
  const [canvas, context] = canvasOf(pixels);
  context.drawImage(source, 0, 0, pixels.width, pixels.height);
  return canvas;
}

function iconsOf(map: MapLibre, names: ReadonlySet<string>): Map<string, HTMLCanvasElement> {
  const icons = new Map<string, HTMLCanvasElement>();
  for (const name of names) {
    const data = map.getImage(name)?.data;
    if (!data) continue;
    const canvas = h("canvas", { width: data.width, height: data.height });
    const pixels = new Uint8ClampedArray(data.data);
    canvas.getContext("2d")?.putImageData(new ImageData(pixels, data.width, data.height), 0, 0);
    icons.set(name, canvas);
  }
  return icons;
}
