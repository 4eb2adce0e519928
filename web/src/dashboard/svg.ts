const SVG = "http://www.w3.org/2000/svg";

/** Makes an SVG element. Text is always text. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | number> = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** A bar of which a share, from 0 to 1, is filled. Hidden from screen readers: a number is beside it. */
export function bar(share: number): SVGSVGElement {
  const width = (Math.min(1, Math.max(0, share)) * 100).toFixed(2);
  return svg(
    "svg",
    { class: "bar", viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "bar-all", width: 100, height: 1 }),
    svg("rect", { class: "bar-part", width, height: 1 }),
  );
}
