// What the pages under /ogc load: the site's styles, and a small map where a page has a place for one.
import { onLanguage, takeLanguage } from "./locale";
import { siteTools } from "./menu/menu";
import { apiDocs, copyButtons } from "./page-parts";
import "./styles/site.css";
import "./styles/ogc.css";
import "./styles/pages.css";
import "./styles/pages-api.css";
import "./styles/pages-help.css";
import "./styles/accounts.css";
import "./styles/follow.css";
import "./styles/reports.css";
import "./styles/ask.css";

takeLanguage();
document.querySelector("[data-menu]")?.replaceWith(siteTools());
onLanguage(() => {
  // The server writes the page anew; the language is no longer that of the address.
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  if (address.href === location.href) location.reload();
  else location.replace(address);
});

const places = document.querySelectorAll<HTMLElement>("[data-map]");
if (places.length > 0)
  void import("./map/page-map").then(({ pageMap }) =>
    Promise.all([...places].map((place) => pageMap(place))),
  );

for (const place of document.querySelectorAll<HTMLElement>("[data-swagger]")) apiDocs(place);
copyButtons(document);
const followed = document.querySelector<HTMLElement>("[data-follow]");
if (followed) void import("./follow").then(({ follow }) => follow(followed));
const asking = document.querySelector<HTMLFormElement>("form[data-consult]");
if (asking) void import("./consult/page").then(({ consult }) => consult(asking));
