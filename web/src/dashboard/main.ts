import "../styles/site.css";
import "../styles/dashboard.css";
import { restoreLanguage } from "../locale";
import { Dashboard } from "./dashboard";

restoreLanguage();
new Dashboard().start();
