import "../styles/site.css";
import "../styles/team.css";
import "../styles/checkpoint.css";
import { OWN } from "../checkpoint/queue";
import { openStore } from "../checkpoint/store";
import { restoreLanguage } from "../locale";
import { openStored } from "../queue-page";
import { registerWorker } from "../worker";
import { CheckInApp } from "./app";
import { t } from "./text";

restoreLanguage();
void openStored(t, async () => new CheckInApp(await openStore(OWN)).start());
void registerWorker();
