import "../styles/site.css";
import "../styles/epidemic.css";
import { restoreLanguage } from "../locale";
import { EpidemicApp } from "./app";

restoreLanguage();
void new EpidemicApp().start();
