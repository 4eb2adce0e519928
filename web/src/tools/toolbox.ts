import { readField } from "../address";
import { button, DRAWINGS, drawing, h } from "../dom";
import { t } from "../language";
import type { Texts } from "../texts/vi";
import type { Tool, ToolContext, ToolModule } from "./tool";

/** A tool as the toolbar lists it. */
export interface ToolEntry {
  id: string;
  text: keyof Texts;
  /** A path of 20 by 20 units. */
  picture: string;
  load(): Promise<ToolModule>;
}

/** The tools of the map, in their order. */
export const TOOLS: readonly ToolEntry[] = [
  {
    id: "filter",
    text: "toolFilter",
    picture: "M3.5 4.5h13l-5 6v5.5l-3-2v-3.5z",
    load: () => import("./filter/filter"),
  },
  {
    id: "area",
    text: "toolArea",
    picture: "M5 5h7l4 5-4 6H5zM3.5 5h3M5 3.5v3M10.5 16h3M12 14.500v3",
    load: () => import("./area/area"),
  },
  {
    id: "measure",
    text: "toolMeasure",
    picture:
      "m3 13.500 10.500-10.500 3.500 3.500L6.500 17zM6 10.500l1.500 1.500M8.500 8l2 2M11 5.500l1.500 1.500",
    load: () => import("./measure/measure"),
  },
  {
    id: "time",
    text: "toolTime",
    picture: "M10 3.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM10 6.5V10l2.5 2",
    load: () => import("./time/time"),
  },
  {
    id: "compare",
    text: "toolCompare",
    picture: "M10 3v14M3.5 5.5h4v9h-4zM12.5 5.5h4v9h-4z",
    load: () => import("./compare/compare"),
  },
  {
    id: "analyse",
    text: "toolAnalyse",
    picture: "M3.5 16.500h13M5.500 14V9.500h2.500V14M9 14V4h2.500v10M12.500 14V7h2.500v7",
    load: () => import("./analyse/analyse"),
  },
  {
    id: "print",
    text: "toolPrint",
    picture: "M6 7V3.5h8V7M6 14H3.5V7.5h13V14H14M6 11.5h8v5H6z",
    load: () => import("./print/print"),
  },
];

/** The toolbar at the top of the map, and the panel of the one tool that is open. */
export class Toolbox {
  readonly toolbar = h("div", { class: "toolbar", role: "toolbar" });
  readonly panel = h("section", {
    class: "tool",
    hidden: true,
    tabindex: -1,
    "aria-labelledby": "tool-title",
  });
  readonly #context: Omit<ToolContext, "close">;
  #open: { id: string; tool: Tool } | null = null;
  #asked = "";

  constructor(context: Omit<ToolContext, "close">) {
    this.#context = context;
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    this.render();
  }

  /** Draws the toolbar and the open tool in the language in use. */
  render(): void {
    this.toolbar.setAttribute("aria-label", t("tools"));
    this.toolbar.hidden = TOOLS.length === 0;
    this.toolbar.replaceChildren(
      ...TOOLS.map((entry) =>
        button(
          {
            class: "map-button",
            title: t(entry.text),
            "aria-label": t(entry.text),
            "aria-pressed": String(this.#open?.id === entry.id),
            "data-tool": entry.id,
          },
          () => void this.#press(entry),
          drawing(entry.picture),
        ),
      ),
    );
    this.panel.hidden = this.#open === null;
    if (!this.#open) {
      this.panel.replaceChildren();
      return;
    }
    this.panel.dataset.tool = this.#open.id;
    this.panel.replaceChildren(
      h(
        "header",
        { class: "tool-head" },
        h("h2", { id: "tool-title" }, this.#open.tool.title()),
        button(
          { class: "icon-button", "aria-label": t("close") },
          () => this.close(),
          drawing(DRAWINGS.close),
        ),
      ),
      this.#open.tool.render(),
    );
  }

  /** Puts the open tool away; the keyboard goes back to its button. */
  close(): void {
    this.#asked = "";
    if (!this.#open) return;
    const { id, tool } = this.#open;
    const inside = this.panel.contains(document.activeElement);
    this.#open = null;
    tool.close();
    this.render();
    if (inside) this.#button(id)?.focus();
  }

  /** Whether a tool is open. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  /** Opens the first tool of which the part of an address after `#` keeps something. */
  async openNamed(hash: string): Promise<void> {
    const entry = TOOLS.find(({ id }) => readField(hash, id) !== null);
    if (entry) await this.open(entry.id);
  }

  /** Opens a tool by its id; nothing happens where there is none. */
  async open(id: string): Promise<void> {
    const entry = TOOLS.find((one) => one.id === id);
    if (entry && this.#open?.id !== id) await this.#press(entry);
  }

  async #press(entry: ToolEntry): Promise<void> {
    if (this.#open?.id === entry.id) {
      this.close();
      return;
    }
    this.close();
    this.#asked = entry.id;
    try {
      const module = await entry.load();
      if (this.#asked !== entry.id) return;
      const tool = module.open({ ...this.#context, close: () => this.close() });
      this.#open = { id: entry.id, tool };
      this.render();
      this.panel.focus({ preventScroll: true });
    } catch {
      this.#context.notify(t("toolFailed"));
    }
  }

  #button(id: string): HTMLElement | null {
    return this.toolbar.querySelector(`[data-tool="${id}"]`);
  }
}
