import { h } from "../dom";
import { clock } from "../form-parts";
import { fetchJson } from "../http";
import { type Bilingual, pick } from "../locale";
import type { Kind } from "./forms";
import { t } from "./text";

/** Something that the operator has entered: a code or an id, where, and how it stands. */
export interface Entered {
  kind: Kind;
  code: string;
  at: string;
  commune: string | null;
  state: Bilingual | null;
}

/** What the operator has entered today, the newest first. */
export async function enteredToday(): Promise<Entered[]> {
  return (await fetchJson<{ entered: Entered[] }>("/api/hotline/today")).entered;
}

/** The list of what was entered. */
export function todayPart(entered: readonly Entered[] | null): HTMLElement {
  const item = ({ kind, code, at, commune, state }: Entered): HTMLElement =>
    h(
      "li",
      {},
      h("b", {}, kind === "declaration" ? t("declaration") : `${t(kind)} ${code}`),
      h("span", {}, [clock(at), commune].filter(Boolean).join(" · ")),
      state && h("span", { class: "hotline-state" }, pick(state)),
    );
  return h(
    "section",
    { class: "hotline-today", "aria-labelledby": "today-title" },
    h("h2", { id: "today-title" }, t("today", { n: entered?.length ?? 0 })),
    entered === null
      ? h("p", { role: "status" }, t("away"))
      : entered.length === 0
        ? h("p", {}, t("nothing"))
        : h("ul", {}, ...entered.map(item)),
  );
}
