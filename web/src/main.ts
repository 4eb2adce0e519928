import "./styles/site.css";
import "./styles/panel.css";
import "./styles/stage.css";
import "./styles/tools.css";
import "./styles/phone.css";
import { hasView } from "./address";
import { App } from "./app";
import type { MapConfig } from "./config";
import { h } from "./dom";
import { Freshness } from "./freshness";
import { fetchKept } from "./http";
import { restoreLanguage, t } from "./language";
import { FirstSight } from "./map/first-sight";
import { mayLocate } from "./panel/controls";
import { header } from "./panel/header";
import { message } from "./panel/message";

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
    const sight = hasView(location.hash) ? null : new FirstSight();
    const [{ data, keptAt }, may] = await Promise.all([
      fetchKept<MapConfig>("/api/map"),
      mayLocate(),
    ]);
    if (keptAt !== null) freshness.kept(keptAt);
    const app = new App(data, may, freshness, sight);
    await app.start();
  } catch {
    alone(message(t("serverAway"), t("serverAwayHint"), () => void start()));
  }
}

const freshness = new Freshness();
restoreLanguage();
void start();
