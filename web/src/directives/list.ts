import { button, h } from "../dom";
import { formatNumber, formatShortDate } from "../format";
import {
  type Asked,
  type Choices,
  type Directive,
  FILTERS,
  type Found,
  NOTHING,
  title,
} from "./data";
import { t } from "./text";

type Options = [value: string, title: string][];

/** The form that says what is looked for. */
export function searchForm(
  asked: Asked,
  offered: Choices | null,
  onAsk: (asked: Asked) => void,
): HTMLFormElement {
  const input = h("input", {
    id: "q",
    name: "q",
    type: "search",
    value: asked.q,
    maxlength: 200,
    autocomplete: "off",
    "aria-describedby": "q-hint",
  });
  const options: Record<(typeof FILTERS)[number], Options> = {
    field: offered?.fields.map(({ value }) => [value, title(offered.fields, value)]) ?? [],
    kind: offered?.kinds.map(({ value }) => [value, title(offered.kinds, value)]) ?? [],
    issuer: offered?.issuers.map(({ name, number }) => [name, `${name} (${number})`]) ?? [],
    year: offered?.years.map(({ year, number }) => [String(year), `${year} (${number})`]) ?? [],
    state: offered?.states.map(({ value }) => [value, title(offered.states, value)]) ?? [],
  };
  const selects = FILTERS.map((name) => {
    const select = h("select", { id: name, name });
    const chosen = asked[name];
    const all: Options = [["", t("all")], ...options[name]];
    if (chosen && !all.some(([value]) => value === chosen)) all.push([chosen, chosen]);
    for (const [value, text] of all) select.append(h("option", { value }, text));
    select.value = chosen;
    return h("div", { class: "filter" }, h("label", { for: name }, t(name)), select);
  });
  const form = h(
    "form",
    { class: "find", role: "search", novalidate: true },
    h("label", { for: "q" }, t("search")),
    h(
      "div",
      { class: "find-line" },
      input,
      h("button", { type: "submit", class: "button button-strong" }, t("find")),
    ),
    h("p", { id: "q-hint", class: "hint" }, t("searchHint")),
    h("div", { class: "filters", role: "group", "aria-label": t("filters") }, ...selects),
    JSON.stringify(asked) !== JSON.stringify(NOTHING) &&
      button({ class: "button", "data-key": "clear" }, () => onAsk({ ...NOTHING }), t("clear")),
  );
  const asks = (): void => {
    const data = new FormData(form);
    onAsk({
      ...NOTHING,
      ...Object.fromEntries([...data].map(([name, value]) => [name, String(value)])),
    });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    asks();
  });
  for (const one of selects) one.querySelector("select")?.addEventListener("change", asks);
  return form;
}

/** The list of what was found. */
export function foundList(found: Found, offered: Choices | null, opened: number | null): Node[] {
  return [
    h("p", { class: "count", role: "status" }, t("count", { n: formatNumber(found.matched) })),
    h(
      "ul",
      { class: "found", "aria-label": t("results") },
      ...found.directives.map((one) => h("li", {}, entry(one, offered, one.id === opened))),
    ),
  ];
}

function entry(one: Directive, offered: Choices | null, isOpen: boolean): HTMLElement {
  return h(
    "a",
    { class: "entry", href: `#${one.id}`, "aria-current": isOpen ? "true" : null },
    h(
      "span",
      { class: "entry-head" },
      h("b", {}, one.number),
      stateOf(one, offered),
      one.audience === "internal" && h("span", { class: "badge" }, t("internal")),
    ),
    h("span", { class: "entry-title" }, one.title),
    h(
      "span",
      { class: "quiet" },
      [
        offered && title(offered.kinds, one.kind),
        one.issuer,
        formatShortDate(one.issuedOn),
        offered && title(offered.fields, one.field),
      ]
        .filter(Boolean)
        .join(" · "),
    ),
    one.excerpt ? excerptOf(one.excerpt) : null,
  );
}

/** The state of a directive as a badge. */
export function stateOf(one: Directive, offered: Choices | null): HTMLElement {
  const said = offered ? title(offered.states, one.state) : one.state;
  return h("span", { class: `badge state-${one.state}` }, said);
}

function excerptOf({ page, parts }: NonNullable<Directive["excerpt"]>): HTMLElement {
  return h(
    "span",
    { class: "excerpt" },
    ...parts.map(([text, hit]) => (hit ? h("mark", {}, text) : text)),
    page !== null && h("span", { class: "quiet" }, ` (${t("page", { n: page })})`),
  );
}
