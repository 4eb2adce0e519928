import "../styles/site.css";
import "../styles/team.css";
import "../styles/checkpoint.css";
import { restoreLanguage } from "../locale";
import { registerWorker } from "../worker";
import { CheckpointApp } from "./app";

restoreLanguage();
new CheckpointApp().start();
void registerWorker();
