import "../styles/site.css";
import "../styles/team.css";
import "../styles/checkpoint.css";
import "../styles/vaccination.css";
import { restoreLanguage } from "../locale";
import { registerWorker } from "../worker";
import { DeskApp } from "./app";

restoreLanguage();
void new DeskApp().start();
void registerWorker();
