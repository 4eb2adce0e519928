import type { MapConfig } from "../config";
import { button, h } from "../dom";
import { type Language, language, pick, setLanguage, t } from "../language";
import mark from "../mark.svg?url";

const LANGUAGES: Record<Language, string> = { vi: "Tiếng Việt", en: "English" };

/** The name of the map and of the province, and the switch of the language. */
export function header(config: MapConfig | null): HTMLElement {
  const province = config ? pick(config.province.name) : "";
  document.title = province ? `${t("appTitle")} · ${province}` : t("appTitle");
  return h(
    "header",
    { class: "brand" },
    h("img", { src: mark, alt: "", width: 36, height: 36 }),
    h("div", { class: "brand-names" }, h("h1", {}, province || t("appTitle")), subtitle(province)),
    h("a", { class: "sos-link", href: "/sos" }, t("sendSos")),
    h(
      "div",
      { class: "languages", role: "group", "aria-label": t("language") },
      ...(Object.keys(LANGUAGES) as Language[]).map((one) =>
        button(
          {
            lang: one,
            title: LANGUAGES[one],
            "aria-label": LANGUAGES[one],
            "aria-pressed": String(one === language()),
          },
          () => setLanguage(one),
          one.toUpperCase(),
        ),
      ),
    ),
  );
}

function subtitle(province: string): HTMLElement | null {
  return province ? h("p", {}, t("appTitle")) : null;
}

/** The foot of the panel: the other pages, where to get the data, and who is signed in. */
export function footer(login: string | null): HTMLElement {
  return h(
    "footer",
    { class: "panel-foot" },
    h(
      "nav",
      { "aria-label": t("otherPages") },
      h("a", { href: "/dashboard" }, t("dashboard")),
      h("a", { href: "/board" }, t("board")),
      h("a", { href: "/team" }, t("team")),
      h("a", { href: "/ogc" }, t("ogcApi")),
      h("a", { href: "/ogc/api?f=html" }, t("apiDocs")),
      h("a", { href: "/sign-in?next=/" }, login ?? t("signIn")),
    ),
  );
}

/** The badge over the map that says its data is not real. */
export function syntheticBadge(): HTMLElement {
  return h("p", { class: "synthetic", title: t("syntheticHint") }, t("synthetic"));
}
