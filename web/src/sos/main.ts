import "../styles/site.css";
import "../styles/sos.css";
import { keep, kept } from "../device-store";
import { h } from "../dom";
import { restoreLanguage } from "../locale";
import { openWithForm } from "../queue-page";
import { registerWorker } from "../worker";
import { SosApp } from "./app";
import { askForm, type Form } from "./delivery";
import { FORM, openRequests } from "./store";
import { t } from "./text";

restoreLanguage();
void openWithForm({
  t,
  open: () => openRequests(),
  kept: (store) => kept<Form>(store, FORM),
  ask: askForm,
  keep: (store, form) => keep(store, FORM, form),
  run: (store, form) => new SosApp(store, form).start(),
  instead: () => h("a", { class: "button", href: "tel:112" }, t("call", { hotline: "112" })),
});
void registerWorker();
