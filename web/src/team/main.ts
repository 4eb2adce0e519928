import "../styles/site.css";
import "../styles/team.css";
import { restoreLanguage } from "../locale";
import { openStored } from "../queue-page";
import { registerWorker } from "../worker";
import { TeamApp } from "./app";
import { openStore } from "./store";
import { t } from "./text";

restoreLanguage();
void openStored(t, async () => new TeamApp(await openStore()).start());
void registerWorker();
