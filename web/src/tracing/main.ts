import "../styles/site.css";
import "../styles/flags.css";
import "../styles/tracing.css";
import { restoreLanguage } from "../locale";
import { TracingApp } from "./app";

restoreLanguage();
void new TracingApp().start();
