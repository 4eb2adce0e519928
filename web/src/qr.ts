// A text as a QR code, drawn in the browser: black on white in any theme, with its quiet zone.
import encodeQR from "qr";

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4;

function modules(text: string): boolean[][] {
  return encodeQR(text, "raw", { ecc: "medium", border: QUIET });
}

/** The code as a drawing that scales; `label` is what a screen reader says. */
export function qrDrawing(text: string, label: string): SVGSVGElement {
  const rows = modules(text);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  svg.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS(SVG, "path");
  const strokes = rows.flatMap((row, y) =>
    row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")),
  );
  path.setAttribute("d", strokes.join(""));
  svg.append(path);
  return svg;
}

/** The code as a PNG with lines of text below it, to be printed or sent on. */
export async function qrPicture(text: string, lines: readonly string[]): Promise<Blob> {
  const rows = modules(text);
  const scale = 12;
  const side = rows.length * scale;
  const line = 52;
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side + lines.length * line + 16;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "black";
  rows.forEach((row, y) => {
    row.forEach((dark, x) => {
      if (dark) pen.fillRect(x * scale, y * scale, scale, scale);
    });
  });
  pen.textAlign = "center";
  lines.forEach((one, at) => {
    pen.font = `${at === 0 ? 600 : 400} 36px ${getComputedStyle(document.body).fontFamily}`;
    pen.fillText(one, side / 2, side + line * at + 36, side - 32);
  });
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
  );
}
