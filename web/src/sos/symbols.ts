const SVG = "http://www.w3.org/2000/svg";

/** Line drawings of 32 by 32 units for the kinds of requests that are known here. */
const SYMBOLS: Record<string, string> = {
  trapped:
    "M6 17 16 8l10 9M9 15v6M23 15v6M3 24c2.2 0 2.2-2 4.4-2s2.2 2 4.3 2 2.2-2 4.3-2 2.2 2 4.3 2 2.2-2 4.3-2 2.2 2 4.4 2M5 29c2.2 0 2.2-2 4.4-2s2.2 2 4.3 2 2.2-2 4.3-2 2.2 2 4.3 2 2.2-2 4.3-2",
  landslide:
    "M3 27 13 7l5 8 3-4 8 16ZM20 4.5h4v4h-4zM25 11h3.5v3.5H25zM9.5 21h4v4h-4zM17 20h3.5v3.5H17z",
  medical: "M12.5 4h7v8.5H28v7h-8.5V28h-7v-8.5H4v-7h8.5Z",
  evacuation:
    "M19 7a2.5 2.5 0 1 0 0-.1ZM17 12l-5 3-3 5M17 12l3 5 5 1M17 12l-2 8 4 4v5M15 20l-3 4-5 1M24 8h5M26 5l3 3-3 3",
  food_water:
    "M4 15h16a8 8 0 0 1-16 0ZM8 11c0-2 2-2 2-4M14 11c0-2 2-2 2-4M26 12c2.3 3.4 3.2 5 3.2 6.5a3.2 3.2 0 0 1-6.4 0c0-1.5.9-3.1 3.2-6.5ZM8 27h8",
  medicine: "M7 18 18 7a5 5 0 0 1 7 7L14 25a5 5 0 0 1-7-7ZM12.5 12.5l7 7",
  shelter: "M3 26 16 6l13 20ZM16 14l-5 12M16 14l5 12M16 6V3",
  missing:
    "M14 4a10 10 0 1 1 0 20 10 10 0 0 1 0-20ZM21.5 21.5 29 29M11 11.5a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M14 19.5v.2",
};
const OTHER = "M16 4a12 12 0 1 1 0 24 12 12 0 0 1 0-24ZM10 16v.1M16 16v.1M22 16v.1";

/** The symbol of a code of `sos_category`. A new code has a general one until it gets its own. */
export function categorySymbol(code: string): SVGSVGElement {
  return symbol(SYMBOLS[code] ?? OTHER);
}

const SIGNS = {
  phone:
    "M7 4h5l2.5 7-3.5 2a16 16 0 0 0 8 8l2-3.5 7 2.5v5a3 3 0 0 1-3 3A21 21 0 0 1 4 7a3 3 0 0 1 3-3Z",
  locate: "M16 10a6 6 0 1 1 0 12 6 6 0 0 1 0-12ZM16 3v4M16 25v4M3 16h4M25 16h4",
  map: "M4 8l8-3 8 3 8-3v19l-8 3-8-3-8 3ZM12 5v19M20 8v19",
  text: "M12 8h12v20H8V12ZM8 12h4V8M12 17h8M12 22h8",
  commune: "M5 28V13l11-8 11 8v15ZM13 28v-8h6v8",
  camera: "M4 10h6l2-4h8l2 4h6v16H4ZM16 13a5 5 0 1 1 0 10 5 5 0 0 1 0-10Z",
  done: "M5 17l7 7L27 8",
  wait: "M16 4a12 12 0 1 1 0 24 12 12 0 0 1 0-24ZM16 9v7l5 3",
  stop: "M16 4 30 28H2ZM16 12v8M16 24v.1",
} as const;

/** A sign of the page's own. */
export function sign(name: keyof typeof SIGNS): SVGSVGElement {
  return symbol(SIGNS[name]);
}

function symbol(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("class", "symbol");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}
