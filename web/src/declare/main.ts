import "../styles/site.css";
import "../styles/sos.css";
import "../styles/declare.css";
import { keep, kept } from "../device-store";
import { restoreLanguage } from "../locale";
import { openWithForm } from "../queue-page";
import { registerWorker } from "../worker";
import { DeclareApp } from "./app";
import { askForm, type Form } from "./delivery";
import { FORM, openDeclarations } from "./queue";
import { t } from "./text";

restoreLanguage();
void openWithForm({
  t,
  open: () => openDeclarations(),
  kept: (store) => kept<Form>(store, FORM),
  ask: askForm,
  keep: (store, form) => keep(store, FORM, form),
  run: (store, form) => new DeclareApp(store, form).start(),
});
void registerWorker();
