import "../styles/edit.css";
import { button, h } from "../dom";
import { ask } from "../edit/ask";
import { type Action, Server } from "../edit/server";
import { refusalWords } from "../edit/words";
import { formatNumber } from "../format";
import { type Bilingual, pick } from "../locale";
import type { Signed } from "../menu/session";
import type { Choices, Whole } from "./data";
import { DirectiveForm, LAYER } from "./form";
import { t } from "./text";

const ITEMS = `/ogc/collections/${LAYER}/items`;
/** Reading a long file takes the server a while. */
const PATIENCE_MS = 120_000;

/** What the desk asks of the page. */
export interface Page {
  offered(): Choices | null;
  /** Something was written: the directive, or null where it is gone. */
  saved(id: number | null): Promise<void>;
  /** A form was given up. */
  left(): void;
}

/** What those add to the page who may write directives. */
export class Desk {
  readonly #server: Server;
  readonly #page: Page;
  readonly #csrf: string;
  #may: Action[] = [];
  #form: DirectiveForm | null = null;
  /** What came of the last change, beside the directive it was about. */
  #said: { id: number; text: string } | null = null;
  creates = false;

  private constructor(signed: Signed, page: Page) {
    this.#server = new Server(signed);
    this.#page = page;
    this.#csrf = signed.csrf ?? "";
  }

  static async begin(signed: Signed, page: Page): Promise<Desk> {
    const desk = new Desk(signed, page);
    const actions = (await desk.#server.layers())[LAYER] ?? [];
    desk.creates = actions.includes("create");
    return desk;
  }

  /** Asks what may be done with a directive. */
  async prepare(one: Whole): Promise<void> {
    try {
      this.#may = await this.#server.may(LAYER, String(one.id));
    } catch {
      this.#may = [];
    }
  }

  /** The form of a directive, or of a new one. */
  form(one: Whole | null): HTMLElement | null {
    const offered = this.#page.offered();
    if (!offered || (one ? !this.#may.includes("change") : !this.creates)) return null;
    if (this.#form?.id !== (one?.id ?? null)) {
      this.#form = new DirectiveForm(this.#server, one, offered, {
        saved: (id) => {
          this.#form = null;
          void this.#page.saved(id);
        },
        left: () => {
          this.#form = null;
          this.#page.left();
        },
      });
    }
    this.#form.render();
    return this.#form.element;
  }

  /** Buttons and upload below the files of a directive. */
  tools(one: Whole): HTMLElement | null {
    const offered = this.#page.offered();
    this.#form = null;
    if (!offered || !this.#may.includes("change")) return null;
    const limits = offered.file;
    const input = h("input", {
      id: "upload",
      type: "file",
      accept: "application/pdf,.pdf",
      multiple: true,
      "aria-describedby": "upload-hint",
    });
    const told = this.#said?.id === one.id ? this.#said.text : "";
    const said = h("p", { class: "said", role: "status" }, told);
    input.addEventListener("change", () => void this.#upload(one, [...(input.files ?? [])], said));
    const gone = one.files.map((file) =>
      button(
        { class: "button", "aria-label": t("removeFileOf", { name: file.name }) },
        () => void this.#removeFile(one, file.href, file.name),
        `${t("removeFile")}: ${file.name}`,
      ),
    );
    return h(
      "div",
      { class: "desk" },
      h(
        "div",
        { class: "desk-upload" },
        h("label", { for: "upload" }, t("upload")),
        input,
        h(
          "p",
          { id: "upload-hint", class: "hint" },
          t("uploadHint", {
            mb: formatNumber(limits.mb),
            pages: formatNumber(limits.pages),
            most: formatNumber(limits.most),
          }),
        ),
        said,
      ),
      h(
        "div",
        { class: "desk-buttons" },
        h("a", { class: "button", href: `#edit=${one.id}` }, t("edit")),
        this.#may.includes("delete") &&
          button({ class: "button" }, () => void this.#remove(one), t("remove")),
        ...gone,
      ),
    );
  }

  async #remove(one: Whole): Promise<void> {
    const { number } = one;
    if (!(await ask(t("removeQuestion", { number }), t("remove"), t("removeDetails")))) return;
    try {
      const { tag } = await this.#server.feature(`${ITEMS}/${one.id}`);
      await this.#server.remove(`${ITEMS}/${one.id}`, tag);
      await this.#page.saved(null);
    } catch (error) {
      this.#said = { id: one.id, text: refusalWords(error) };
      await this.#page.saved(one.id);
    }
  }

  async #removeFile(one: Whole, href: string, name: string): Promise<void> {
    if (!(await ask(t("removeFileQuestion", { name }), t("removeFile")))) return;
    const refused = await this.#send("DELETE", href, null, name);
    this.#said = refused ? { id: one.id, text: refused } : null;
    await this.#page.saved(one.id);
  }

  async #upload(one: Whole, files: File[], said: HTMLElement): Promise<void> {
    const told: string[] = [];
    for (const file of files) {
      said.textContent = t("uploading", { name: file.name });
      const query = new URLSearchParams({ name: file.name });
      const address = `/api/directives/${one.id}/files?${query}`;
      told.push(
        (await this.#send("POST", address, file, file.name)) ?? t("uploaded", { name: file.name }),
      );
    }
    this.#said = { id: one.id, text: told.join(" ") };
    await this.#page.saved(one.id);
  }

  /** Sends a change of the files; what is wrong, or null. */
  async #send(
    method: string,
    address: string,
    body: File | null,
    name: string,
  ): Promise<string | null> {
    try {
      const answer = await fetch(address, {
        method,
        body,
        headers: {
          "X-CSRF-Token": this.#csrf,
          ...(body ? { "Content-Type": "application/pdf" } : {}),
        },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (answer.ok) return null;
      const problem = (await answer.json().catch(() => ({}))) as {
        detail?: string;
        rule?: Bilingual;
      };
      const reason = problem.rule ? pick(problem.rule) : (problem.detail ?? t("noAnswer"));
      return t("refused", { name, reason });
    } catch {
      return t("refused", { name, reason: t("noAnswer") });
    }
  }
}
