import { h } from "../dom";
import { fetchJson } from "../http";
import { t } from "./words";

/** What was told last of each request, so that a panel drawn again says it at once. */
const told = new Map<string, string>();

/** How many volunteers a request has, and the way to those who are near it. */
export function volunteersOf(code: string): HTMLElement {
  const text = told.get(code) ?? t("volunteersFind");
  const link = h("a", { href: `/volunteers?sos=${encodeURIComponent(code)}` }, text);
  const address = `/api/volunteers/sos/${encodeURIComponent(code)}`;
  void fetchJson<{ assigned: number; accepted: number }>(address)
    .then(({ assigned, accepted }) => {
      const now = assigned > 0 ? t("volunteersHas", { assigned, accepted }) : t("volunteersFind");
      told.set(code, now);
      link.textContent = now;
    })
    // The way there holds also where the number does not come.
    .catch(() => {});
  return link;
}
