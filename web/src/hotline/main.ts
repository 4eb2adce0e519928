import "../styles/site.css";
import "../styles/hotline.css";
import { restoreLanguage } from "../locale";
import { HotlineApp } from "./app";

restoreLanguage();
void new HotlineApp().start();
