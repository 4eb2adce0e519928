import type { LayerSpecification, StyleSpecification } from "maplibre-gl";

/** The site's own font (fonts.css), which the styles name with its weight: `Be Vietnam Pro SemiBold`. */
const FAMILY = "Be Vietnam Pro";
const WEIGHTS = [400, 600];
/** A letter of each of the font's files. */
const SAMPLE = "A\u1ebf";

/**
 * A style whose names the browser draws with the site's own font, which the page has anyway: the
 * server's letters (`glyphs`), for other clients, weigh a third of a first visit's tiles.
 */
export function withOwnLetters(style: StyleSpecification): StyleSpecification {
  const { glyphs: _, ...rest } = style;
  return { ...rest, layers: style.layers.map(lettered) };
}

function lettered(part: LayerSpecification): LayerSpecification {
  const font = part.type === "symbol" ? part.layout?.["text-font"] : undefined;
  if (part.type !== "symbol" || !Array.isArray(font)) return part;
  // The first tells the library the weight, the second the browser the family.
  return { ...part, layout: { ...part.layout, "text-font": [String(font[0]), FAMILY] } };
}

/**
 * Settles when the font is there. The library draws each letter once, with what is there then.
 */
export async function lettersCome(): Promise<void> {
  const asked = WEIGHTS.map((weight) => document.fonts.load(`${weight} 1em "${FAMILY}"`, SAMPLE));
  await Promise.allSettled(asked);
}
