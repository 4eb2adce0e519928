import "../styles/site.css";
import "../styles/sos.css";
import "../styles/declare.css";
import "../styles/vaccinate.css";
import { restoreLanguage } from "../locale";
import { registerWorker } from "../worker";
import { VaccinateApp } from "./app";

restoreLanguage();
void new VaccinateApp().start();
void registerWorker();
