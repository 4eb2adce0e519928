import type { PlacedText } from "./pdf";

export interface TextStyle {
  /** Of the letters, in millimetres. */
  size: number;
  strong?: boolean;
  colour?: string;
  align?: "left" | "right" | "center";
}

/** Draws on a canvas in millimetres, and keeps the texts with their places. */
export class Pen {
  readonly texts: PlacedText[] = [];
  readonly #context: CanvasRenderingContext2D;
  readonly #perMm: number;
  readonly #ink: string;

  constructor(context: CanvasRenderingContext2D, perMm: number, ink: string) {
    this.#context = context;
    this.#perMm = perMm;
    this.#ink = ink;
  }

  /** The width of a text. */
  measure(text: string, { size, strong = false }: TextStyle): number {
    this.#context.font = `${strong ? 600 : 400} ${size * this.#perMm}px "Be Vietnam Pro"`;
    return this.#context.measureText(text).width / this.#perMm;
  }

  /** Writes a text on a line, and says how wide it is. */
  write(text: string, x: number, baseline: number, style: TextStyle): number {
    const width = this.measure(text, style);
    const left = style.align === "right" ? x - width : style.align === "center" ? x - width / 2 : x;
    this.#context.fillStyle = style.colour ?? this.#ink;
    this.#context.fillText(text, left * this.#perMm, baseline * this.#perMm);
    this.texts.push({ text, x: left, baseline, size: style.size, width });
    return width;
  }

  /** A text in lines that are no wider than a width; a word that is wider has a line of its own. */
  wrap(text: string, width: number, style: TextStyle): string[] {
    const lines: string[] = [];
    for (const word of text.split(" ")) {
      const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
      if (lines.length > 0 && this.measure(longer, style) <= width)
        lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  fill(x: number, y: number, width: number, height: number, colour: string): void {
    this.#context.fillStyle = colour;
    this.#context.fillRect(...this.#dots(x, y, width, height));
  }

  frame(x: number, y: number, width: number, height: number, line: number, colour: string): void {
    this.#context.strokeStyle = colour;
    this.#context.lineWidth = line * this.#perMm;
    this.#context.strokeRect(...this.#dots(x, y, width, height));
  }

  /** A rounded label, filled, with a border. */
  pill(x: number, y: number, width: number, height: number, fill: string, border: string): void {
    this.#context.beginPath();
    this.#context.roundRect(...this.#dots(x, y, width, height), (height / 2) * this.#perMm);
    this.#context.fillStyle = fill;
    this.#context.fill();
    this.#context.strokeStyle = border;
    this.#context.lineWidth = 0.25 * this.#perMm;
    this.#context.stroke();
  }

  disc(x: number, y: number, radius: number, fill: string): void {
    this.#context.beginPath();
    this.#context.arc(x * this.#perMm, y * this.#perMm, radius * this.#perMm, 0, 2 * Math.PI);
    this.#context.fillStyle = fill;
    this.#context.fill();
  }

  /** A polygon of points. */
  shape(points: readonly (readonly [number, number])[], fill: string): void {
    this.#context.beginPath();
    for (const [x, y] of points) this.#context.lineTo(x * this.#perMm, y * this.#perMm);
    this.#context.closePath();
    this.#context.fillStyle = fill;
    this.#context.fill();
  }

  line(x: number, y: number, width: number, line: number, colour: string, dashed = false): void {
    this.#context.beginPath();
    this.#context.setLineDash(dashed ? [1.2 * this.#perMm, 0.8 * this.#perMm] : []);
    this.#context.moveTo(x * this.#perMm, y * this.#perMm);
    this.#context.lineTo((x + width) * this.#perMm, y * this.#perMm);
    this.#context.strokeStyle = colour;
    this.#context.lineWidth = line * this.#perMm;
    this.#context.stroke();
    this.#context.setLineDash([]);
  }

  picture(image: CanvasImageSource, x: number, y: number, width: number, height: number): void {
    this.#context.drawImage(image, ...this.#dots(x, y, width, height));
  }

  #dots(x: number, y: number, width: number, height: number): [number, number, number, number] {
    const left = Math.round(x * this.#perMm);
    const top = Math.round(y * this.#perMm);
    return [left, top, Math.round(width * this.#perMm), Math.round(height * this.#perMm)];
  }
}
