// What the pages under /ogc load: the site's styles, and a small map where a page has a place for one.
import "./styles/site.css";
import "./styles/ogc.css";

const places = document.querySelectorAll<HTMLElement>("[data-map]");
if (places.length > 0)
  void import("./map/page-map").then(({ pageMap }) =>
    Promise.all([...places].map((place) => pageMap(place))),
  );

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-submit-on-change]"))
  form.addEventListener("change", () => form.requestSubmit());
