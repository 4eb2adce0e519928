import "../styles/site.css";
import "../styles/team.css";
import { button, h } from "../dom";
import { restoreLanguage } from "../locale";
import { registerWorker } from "../worker";
import { TeamApp } from "./app";
import { openStore, type Store } from "./store";
import { t } from "./text";

async function start(): Promise<void> {
  document.title = t("title");
  let store: Store;
  try {
    store = await openStore();
  } catch {
    document.body.replaceChildren(
      h(
        "main",
        { class: "team" },
        h("h1", {}, t("title")),
        h("p", { role: "alert" }, t("noStore")),
        button({ class: "button button-strong" }, () => void start(), t("retry")),
      ),
    );
    return;
  }
  await new TeamApp(store).start();
}

restoreLanguage();
void start();
void registerWorker();
