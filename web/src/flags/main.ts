import "../styles/site.css";
import "../styles/flags.css";
import { restoreLanguage } from "../locale";
import { FlagsApp } from "./app";

restoreLanguage();
void new FlagsApp().start();
