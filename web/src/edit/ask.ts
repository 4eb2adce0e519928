import { button, h } from "../dom";
import { tx } from "./texts";

/** Asks a question over the page; false also for Escape. The keyboard goes back where it was. */
export function ask(question: string, yes: string, details = ""): Promise<boolean> {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const dialog = h(
      "dialog",
      { class: "ask", "aria-labelledby": "ask-question" },
      h("h2", { id: "ask-question" }, question),
      details && h("p", {}, details),
      h(
        "div",
        { class: "ask-buttons" },
        button({ class: "button", autofocus: true }, () => dialog.close("no"), tx("stay")),
        button({ class: "button button-danger" }, () => dialog.close("yes"), yes),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      resolve(dialog.returnValue === "yes");
    });
    // The card would take the key as its own.
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    document.body.append(dialog);
    dialog.showModal();
  });
}
