import "../styles/site.css";
import "../styles/team.css";
import "../styles/checkpoint.css";
import { OWN } from "../checkpoint/queue";
import { openStore } from "../checkpoint/store";
import { h } from "../dom";
import { restoreLanguage } from "../locale";
import { registerWorker } from "../worker";
import { CheckInApp } from "./app";
import { t } from "./text";

async function start(): Promise<void> {
  try {
    await new CheckInApp(await openStore(OWN)).start();
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
