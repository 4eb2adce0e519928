import "../styles/site.css";
import "../styles/epidemic.css";
import "../styles/progress.css";
import { restoreLanguage } from "../locale";
import { ProgressApp } from "./app";

restoreLanguage();
void new ProgressApp().start();
