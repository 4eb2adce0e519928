import "../styles/site.css";
import "../styles/sos.css";
import "../styles/declare.css";
import { button, h } from "../dom";
import { restoreLanguage } from "../locale";
import { registerWorker } from "../worker";
import { DeclareApp } from "./app";
import { askForm, type Form } from "./delivery";
import { FORM } from "./queue";
import { keep, kept, openStore, type Store } from "./store";
import { t } from "./text";

/** The page before it knows what it asks for. */
function alone(text: string, retry: (() => void) | null): void {
  document.title = t("title");
  document.body.replaceChildren(
    h(
      "main",
      { class: "sos sos-alone" },
      h("h1", {}, t("title")),
      h("p", { role: retry ? "alert" : "status" }, text),
      retry && button({ class: "button button-strong" }, retry, t("retry")),
    ),
  );
}

async function start(): Promise<void> {
  alone(t("loading"), null);
  let store: Store;
  try {
    store = await openStore();
  } catch {
    alone(t("noStore"), () => void start());
    return;
  }
  let form = await kept<Form>(store, FORM);
  if (!form) {
    const asked = await askForm();
    if (!asked) {
      store.close();
      const again = new AbortController();
      const retry = (): void => {
        again.abort();
        void start();
      };
      alone(t("noForm"), retry);
      addEventListener("online", retry, again);
      return;
    }
    form = asked;
    await keep(store, FORM, form);
  }
  await new DeclareApp(store, form).start();
}

restoreLanguage();
void start();
void registerWorker();
