import { type Bar, barsOf, type Timeline } from "./timeline";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 48;

/** The bars over the slider's days; those that the window shows stand out. Not for screen readers. */
export class Histogram {
  readonly element = document.createElementNS(SVG, "svg");
  #bars: { bar: Bar; rect: SVGRectElement }[] = [];

  constructor() {
    this.element.setAttribute("class", "time-bars");
    this.element.setAttribute("aria-hidden", "true");
    this.element.setAttribute("preserveAspectRatio", "none");
  }

  /** Draws the bars of a timeline; of null none. */
  draw(timeline: Timeline | null): void {
    const bars = timeline ? barsOf(timeline) : [];
    const most = Math.max(1, ...bars.map(({ value }) => value));
    this.element.setAttribute("viewBox", `0 0 ${Math.max(1, bars.length)} ${HEIGHT}`);
    this.#bars = bars.map((bar, index) => {
      const rect = document.createElementNS(SVG, "rect");
      // What is not 0 is seen, however small.
      const height = bar.value === 0 ? 0 : Math.max(1.5, (bar.value / most) * HEIGHT);
      rect.setAttribute("x", String(index + 0.1));
      rect.setAttribute("width", "0.8");
      rect.setAttribute("y", String(HEIGHT - height));
      rect.setAttribute("height", String(height));
      return { bar, rect };
    });
    this.element.replaceChildren(...this.#bars.map(({ rect }) => rect));
  }

  /** Marks the days of the window. */
  mark(first: string | null, last: string): void {
    for (const { bar, rect } of this.#bars) {
      const shown = bar.first <= last && (first === null || bar.last >= first);
      rect.classList.toggle("shown", shown);
    }
  }
}
