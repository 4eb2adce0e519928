import { button, h } from "../dom";
import { t } from "./text";

const SVG = "http://www.w3.org/2000/svg";

/** An arrow that points to a bearing in degrees; what is up on the screen has the heading. */
export function arrow(degrees: number, heading: number): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("class", "arrow");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M16 2 26 28 16 22 6 28Z");
  svg.append(path);
  svg.dataset.bearing = String(degrees);
  turn(svg, heading);
  return svg;
}

/** Turns an arrow after the device has turned. */
export function turn(svg: SVGElement, heading: number): void {
  const degrees = Math.round(Number(svg.dataset.bearing) - heading + 360) % 360;
  svg.firstElementChild?.setAttribute("transform", `rotate(${degrees} 16 16)`);
}

/** A link that calls a number. */
export function callLink(
  className: string,
  number: string,
  ...text: (string | Node)[]
): HTMLElement {
  return h("a", { class: className, href: `tel:${number.replace(/[^\d+]/g, "")}` }, ...text);
}

export interface Question {
  title: string;
  hint: string;
  /** The label of a note that may be given; none: no note is asked for. */
  note: string | null;
  yes: string;
  isDanger: boolean;
}

/** Asks before what a wrong tap must not do. Gives the note, or null for no. */
export function ask({ title, hint, note, yes, isDanger }: Question): Promise<string | null> {
  const text = note === null ? null : h("textarea", { id: "ask-note", rows: 3, maxlength: 1000 });
  const dialog = h("dialog", { class: "ask", "aria-labelledby": "ask-title" });
  return new Promise((resolve) => {
    const end = (answer: string | null): void => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    dialog.append(
      h("h2", { id: "ask-title" }, title),
      h("p", {}, hint),
      ...(text ? [h("label", { for: "ask-note" }, note ?? ""), text] : []),
      h(
        "div",
        { class: "ask-buttons" },
        button({ class: "button" }, () => end(null), t("back")),
        button(
          { class: `button ${isDanger ? "button-danger" : "button-strong"}` },
          () => end(text?.value.trim() ?? ""),
          yes,
        ),
      ),
    );
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end(null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
