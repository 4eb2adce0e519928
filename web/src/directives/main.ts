import "../styles/site.css";
import "../styles/directives.css";
import { restoreLanguage } from "../locale";
import { registerWorker } from "../worker";
import { DirectivesApp } from "./app";

restoreLanguage();
void new DirectivesApp().start();
void registerWorker();
