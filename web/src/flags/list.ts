import { button, h } from "../dom";
import { clock } from "../form-parts";
import { pick } from "../locale";
import type { Flag } from "./api";
import type { FlagsApp } from "./app";
import { t } from "./text";

const STATES = { open: "open", seen: "seen", closed: "closedState" } as const;

/** How a flag stands, in a word. */
export function stateOf({ state }: Flag): HTMLElement {
  return h("span", { class: `flag-state flag-${state}` }, t(STATES[state]));
}

/** The reasons of a flag, in words. */
export function kindsOf(app: FlagsApp, { kinds }: Pick<Flag, "kinds">): HTMLElement {
  return h(
    "span",
    { class: "flag-kinds" },
    ...app.words.kinds
      .filter(({ value }) => kinds.includes(value))
      .map((kind) => h("span", { class: "flag-kind" }, pick(kind))),
  );
}

/** A flag in the list. */
export function flagItem(app: FlagsApp, flag: Flag): HTMLElement {
  const address = `#flag=${flag.id}`;
  const where = [flag.commune, flag.district].filter(Boolean).join(", ");
  return h(
    "li",
    {},
    h(
      "a",
      { href: address, "aria-current": location.hash === address ? "true" : null },
      h("span", { class: "flag-head" }, h("strong", {}, flag.person.name), stateOf(flag)),
      kindsOf(app, flag),
      h(
        "span",
        { class: "flag-about" },
        [where, clock(flag.last_at), flag.times > 1 ? t("times", { n: flag.times }) : ""]
          .filter(Boolean)
          .join(" · "),
      ),
    ),
  );
}

/** The controls that narrow the list. */
export function filters(app: FlagsApp): HTMLElement[] {
  const { filter, listed, figures, signed, words } = app;
  const counts = listed?.counts ?? { open: 0, seen: 0, closed: 0 };
  const state = (value: "waiting" | "closed", n: number): HTMLElement =>
    button(
      { id: `state-${value}`, "aria-pressed": String(filter.state === value) },
      () => app.narrow({ state: value }),
      t(value, { n }),
    );
  const mine = (figures?.districts ?? []).filter(
    ({ code }) => !signed.districts?.length || signed.districts.includes(code),
  );
  const parts = [
    h(
      "div",
      { class: "flag-states", role: "group" },
      state("waiting", counts.open + counts.seen),
      state("closed", counts.closed),
    ),
    select("kind", t("kind"), t("allKinds"), filter.kind, (kind) => app.narrow({ kind }), [
      ...words.kinds.map((one) => [one.value, pick(one)] as const),
    ]),
  ];
  if (mine.length > 1)
    parts.push(
      select(
        "district",
        t("district"),
        t("allDistricts"),
        filter.district,
        (district) => app.narrow({ district }),
        [...mine]
          .sort((a, b) => a.name.localeCompare(b.name, "vi"))
          .map(({ code, name }) => [code, name] as const),
      ),
    );
  return parts;
}

function select(
  id: string,
  label: string,
  any: string,
  value: string,
  choose: (value: string) => void,
  options: readonly (readonly [string, string])[],
): HTMLElement {
  const element = h(
    "select",
    { id: `filter-${id}`, "aria-label": label },
    h("option", { value: "" }, any),
    ...options.map(([code, name]) => h("option", { value: code }, name)),
  );
  element.value = value;
  element.addEventListener("change", () => choose(element.value));
  return element;
}
