import "../styles/site.css";
import "../styles/team.css";
import "../styles/checkpoint.css";
import { h } from "../dom";
import { restoreLanguage } from "../locale";
import { registerWorker } from "../worker";
import { CheckpointApp } from "./app";
import { OFFICERS } from "./queue";
import { openStore } from "./store";
import { t } from "./text";

async function start(): Promise<void> {
  try {
    await new CheckpointApp(await openStore(OFFICERS)).start();
  } catch {
    document.body.replaceChildren(
      h(
        "main",
        { class: "team" },
        h("h1", {}, t("title")),
        h("p", { role: "alert" }, t("noStore")),
      ),
    );
  }
}

restoreLanguage();
void start();
void registerWorker();
