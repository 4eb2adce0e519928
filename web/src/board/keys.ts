import { button, h } from "../dom";
import { t } from "./words";

/** What a key does; `digit` gets 1 to 9. */
export interface KeyActions {
  move(step: 1 | -1): void;
  verify(): void;
  task(task: "assign" | "merge" | "close"): void;
  digit(number: number): void;
  search(): void;
  escape(): void;
  help(): void;
}

const STORED = "dieuhanh.board.keys";
const FIELDS = "input:not([type=radio]), textarea, select, [contenteditable]";

/** Keys of one letter, which can be turned off (WCAG 2.1, 2.1.4). */
export class Keys {
  #on = true;
  readonly #actions: KeyActions;

  constructor(actions: KeyActions) {
    this.#actions = actions;
    try {
      this.#on = localStorage.getItem(STORED) !== "off";
    } catch {
      // Storage is closed to this page: the choice lasts for this visit only.
    }
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  get on(): boolean {
    return this.#on;
  }

  toggle(): void {
    this.#on = !this.#on;
    try {
      localStorage.setItem(STORED, this.#on ? "on" : "off");
    } catch {
      // As above.
    }
  }

  #press(event: KeyboardEvent): void {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (key === "Escape") {
      this.#actions.escape();
      return;
    }
    const element = target instanceof Element ? target : null;
    // Arrows move the view of a map, and the choice among radio buttons.
    const takesArrows = element?.closest(".maplibregl-map, [type=radio], [role=tablist]");
    if (!this.#on || element?.closest(FIELDS)) return;
    if (key.startsWith("Arrow") && takesArrows) return;
    const action = this.#action(key);
    if (!action) return;
    event.preventDefault();
    action();
  }

  #action(key: string): (() => void) | null {
    if (/^[1-9]$/.test(key)) return () => this.#actions.digit(Number(key));
    switch (key.length === 1 ? key.toLowerCase() : key) {
      case "j":
      case "ArrowDown":
        return () => this.#actions.move(1);
      case "k":
      case "ArrowUp":
        return () => this.#actions.move(-1);
      case "v":
        return () => this.#actions.verify();
      case "a":
        return () => this.#actions.task("assign");
      case "m":
        return () => this.#actions.task("merge");
      case "c":
        return () => this.#actions.task("close");
      case "/":
        return () => this.#actions.search();
      case "?":
        return () => this.#actions.help();
      default:
        return null;
    }
  }
}

/** The list of shortcuts, over the page until it is closed. */
export function showHelp(): void {
  const lines = [
    ["j ↓ / k ↑", t("helpMove")],
    ["v", t("helpVerify")],
    ["a", t("helpAssign")],
    ["m", t("helpMerge")],
    ["c", t("helpClose")],
    ["/", t("helpSearch")],
    ["Esc", t("helpEscape")],
    ["?", t("helpHelp")],
  ] as const;
  const dialog = h(
    "dialog",
    { class: "help", "aria-labelledby": "help-title" },
    h("h2", { id: "help-title" }, t("helpTitle")),
    h(
      "dl",
      {},
      ...lines.flatMap(([key, text]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, text)]),
    ),
    h("p", { class: "quiet" }, t("helpOff")),
    button({ class: "button button-strong" }, () => dialog.close(), t("helpDone")),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
