import { h } from "../../dom";
import { formatNumber } from "../../format";
import { pick } from "../../language";
import { type LayerPair, type Pair, signed } from "./differences";

/** The words of a table of differences, in the language in use. */
export interface Words {
  caption: string;
  first: string;
  difference: string;
}

function table(words: Words, rows: readonly [string, Pair][]): HTMLElement {
  const head = [words.first, "A", "B", words.difference];
  return h(
    "table",
    { class: "compare-table" },
    h("caption", {}, words.caption),
    h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)))),
    h(
      "tbody",
      {},
      ...rows.map(([name, pair]) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, name),
          h("td", {}, formatNumber(pair.a)),
          h("td", {}, formatNumber(pair.b)),
          h("td", { class: "compare-difference" }, signed(pair, formatNumber)),
        ),
      ),
    ),
  );
}

/** The table of all layers. */
export function layerTable(words: Words, pairs: readonly LayerPair[]): HTMLElement {
  return table(
    words,
    pairs.map((pair) => [pick(pair.layer.title), pair]),
  );
}

/** The table of one layer's districts, where there is most to see first. */
export function districtTable(
  words: Words,
  { districts }: LayerPair,
  names: ReadonlyMap<string, string>,
): HTMLElement {
  const size = ({ a, b }: Pair): number => Math.abs(b - a);
  const rows = [...districts].sort(([, one], [, other]) => size(other) - size(one));
  return table(
    words,
    rows.map(([code, pair]) => [names.get(code) ?? code, pair]),
  );
}
