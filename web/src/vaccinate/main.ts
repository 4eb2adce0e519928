import "../styles/site.css";
import "../styles/sos.css";
import "../styles/declare.css";
import "../styles/vaccinate.css";
import { restoreLanguage } from "../locale";
import { openStored } from "../queue-page";
import { registerWorker } from "../worker";
import { VaccinateApp } from "./app";
import { openRegistrations } from "./store";
import { t } from "./text";

restoreLanguage();
void openStored(t, async () => new VaccinateApp(await openRegistrations()).start());
void registerWorker();
