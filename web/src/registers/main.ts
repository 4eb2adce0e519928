import "../styles/site.css";
import "../styles/edit.css";
import "../styles/registers.css";
import { restoreLanguage } from "../locale";
import { registerWorker } from "../worker";
import { RegistersApp } from "./app";

restoreLanguage();
void new RegistersApp().start();
void registerWorker();
