import "./styles/site.css";
import "./styles/panel.css";
import "./styles/stage.css";
import "./styles/tools.css";
import "./styles/phone.css";
import { App, message } from "./app";
import type { MapConfig } from "./config";
import { h } from "./dom";
import { Freshness } from "./freshness";
import { fetchJson } from "./http";
import { restoreLanguage, t } from "./language";
import { header } from "./panel/header";

/** The page before the server has said what there is, or when it does not. */
function alone(content: HTMLElement): void {
  document.body.replaceChildren(
    h("aside", { class: "panel panel-alone" }, header(null)),
    h("main", { class: "stage no-map" }, content),
  );
}

async function start(): Promise<void> {
  alone(h("p", { class: "message", role: "status" }, t("loading")));
  try {
    const ready = fetchJson<MapConfig>("/api/map");
    // The drawing library is the largest part: it comes while the server answers.
    import("./map/operations-map").catch(() => undefined);
    const app = await App.load(await ready, freshness);
    await app.start();
  } catch {
    alone(message(t("serverAway"), t("serverAwayHint"), () => void start()));
  }
}

const freshness = new Freshness();
restoreLanguage();
void start();
