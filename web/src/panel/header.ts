import type { MapConfig } from "../config";
import { h } from "../dom";
import { pick, t } from "../language";
import mark from "../mark.svg?url";
import { siteTools } from "../menu/menu";

/** The name of the map and of the province, the way to ask for help, and the menu. */
export function header(config: MapConfig | null): HTMLElement {
  const province = config ? pick(config.province.name) : "";
  document.title = province ? `${t("appTitle")} · ${province}` : t("appTitle");
  return h(
    "header",
    { class: "brand" },
    h("img", { src: mark, alt: "", width: 36, height: 36 }),
    h("div", { class: "brand-names" }, h("h1", {}, province || t("appTitle")), subtitle(province)),
    h("a", { class: "sos-link", href: "/sos" }, t("sendSos")),
    siteTools(),
  );
}

function subtitle(province: string): HTMLElement | null {
  return province ? h("p", {}, t("appTitle")) : null;
}

/** The foot of the panel: the other pages, and where to get the data. */
export function footer(): HTMLElement {
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
    ),
  );
}

/** The badge over the map that says its data is not real. */
export function syntheticBadge(): HTMLElement {
  return h("p", { class: "synthetic", title: t("syntheticHint") }, t("synthetic"));
}
