import "../styles/site.css";
import "../styles/team.css";
import "../styles/checkpoint.css";
import { restoreLanguage } from "../locale";
import { openStored } from "../queue-page";
import { registerWorker } from "../worker";
import { CheckpointApp } from "./app";
import { OFFICERS } from "./queue";
import { openStore } from "./store";
import { t } from "./text";

restoreLanguage();
void openStored(t, async () => new CheckpointApp(await openStore(OFFICERS)).start());
void registerWorker();
