import "../styles/site.css";
import "../styles/board.css";
import "../styles/board-list.css";
import "../styles/board-detail.css";
import "../styles/board-alerts.css";
import "../styles/board-narrow.css";
import type { Feature, MapConfig } from "../config";
import { button, h } from "../dom";
import { onLanguage, restoreLanguage } from "../locale";
import { Api, Refused } from "./api";
import { Board } from "./board";
import { languages } from "./frame";
import { t } from "./words";

const STAFF: ReadonlySet<string> = new Set(["operator", "coordinator", "admin"]);
const SIGN_IN = "/sign-in?next=/board";

/** What the page shows while there is no board, made anew when the language changes. */
let content: (() => HTMLElement[]) | null = null;

function alone(made: () => HTMLElement[]): void {
  content = made;
  document.title = t("title");
  document.body.replaceChildren(h("main", { class: "alone" }, h("h1", {}, t("title")), ...made()));
}

function names(units: readonly Feature[]): Map<string, string> {
  return new Map(units.map(({ id, properties }) => [String(id), String(properties.name ?? id)]));
}

async function start(): Promise<void> {
  alone(() => [h("p", { role: "status" }, t("loading"))]);
  const api = new Api();
  try {
    const session = await api.session();
    if (!session.signedIn) {
      location.replace(SIGN_IN);
      return;
    }
    if (!STAFF.has(session.role)) {
      alone(() => [
        h("h2", {}, t("notYours")),
        h("p", {}, t("notYoursHint")),
        ...(session.role === "rescuer"
          ? [h("a", { class: "button button-strong", href: "/team" }, t("toTeam"))]
          : []),
        h("a", { class: "button", href: "/" }, t("toMap")),
        languages(),
      ]);
      return;
    }
    const [config, units] = await Promise.all([
      api.read<MapConfig>("/api/map"),
      api.features("admin_units", { skipGeometry: "true", properties: "name" }),
    ]);
    content = null;
    await new Board(api, session, config, names(units)).start();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    alone(() => [
      h("p", { role: "alert" }, t("serverAway")),
      button({ class: "button button-strong" }, () => void start(), t("retry")),
      languages(),
    ]);
  }
}

restoreLanguage();
onLanguage(() => {
  if (content) alone(content);
});
void start();
