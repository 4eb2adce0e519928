import { h } from "../dom";
import { field } from "../form-parts";
import { HttpError } from "../http";
import { type Bilingual, pick } from "../locale";
import { type Panel, type TracingApp, why } from "./app";
import { back } from "./list";
import { t } from "./text";

type Kind = "phone" | "identity" | "token";
const KINDS = [
  ["phone", "byPhone"],
  ["identity", "byIdentity"],
  ["token", "byToken"],
] as const;

type Fault = Bilingual & { field: string };

/** The form in which tracing is asked for. What is typed leaves in the body alone. */
export class AskForm implements Panel {
  readonly element = h("section", { class: "flag-detail" });
  readonly #app: TracingApp;
  #faults: Record<string, string> = {};
  #failed = "";
  #given: Record<string, string> = {};

  constructor(app: TracingApp) {
    this.#app = app;
  }

  show(): void {
    this.#given = { kind: "phone", days: "14", rule: "within", minutes: "15", orders: "2" };
    this.#faults = {};
    this.#failed = "";
    this.render();
    this.element.querySelector<HTMLElement>("h2")?.focus();
  }

  render(): void {
    const form = h("form", { novalidate: true, class: "trace-form" }, ...this.#fields());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    this.element.replaceChildren(
      back(),
      h("h2", { tabindex: -1 }, t("ask")),
      h("p", { class: "flag-about" }, t("askHint")),
      form,
    );
  }

  #fields(): HTMLElement[] {
    const kind = (this.#given.kind ?? "phone") as Kind;
    const by = KINDS.find(([one]) => one === kind)?.[1] ?? "byPhone";
    return [
      this.#select("kind", "whoBy", KINDS, true),
      this.#input("value", by, kind, { autocomplete: "off" }),
      ...(kind === "phone" ? [this.#input("name", "name", "name", {}, "nameHint")] : []),
      this.#input("case_ref", "caseRef", "case_ref", { maxlength: 80 }, "caseRefHint"),
      this.#input("reason", "reason", "reason", { maxlength: 1000 }),
      this.#input("days", "days", "days", { type: "number", min: 1, max: 21 }),
      this.#select("rule", "rule", [
        ["within", "ruleWithin"],
        ["together", "ruleTogether"],
      ]),
      this.#input("minutes", "minutes", "minutes", { type: "number", min: 0, max: 720 }),
      this.#select("orders", "orders", [
        ["1", "firstOrder"],
        ["2", "bothOrders"],
      ]),
      h("p", { class: "flag-about" }, t("askNext")),
      ...(this.#failed ? [h("p", { class: "fault", role: "alert" }, this.#failed)] : []),
      h("button", { type: "submit", class: "button button-strong" }, t("send")),
    ];
  }

  #input(
    name: string,
    label: Parameters<typeof t>[0],
    fault: string,
    more: Record<string, string | number>,
    hint?: Parameters<typeof t>[0],
  ): HTMLElement {
    const input = h("input", { id: `trace-${name}`, type: "text", ...more });
    input.value = this.#given[name] ?? "";
    input.addEventListener("input", () => {
      this.#given[name] = input.value;
    });
    return field(input, t(label), {
      ...(hint ? { hint: t(hint) } : {}),
      fault: this.#faults[fault],
    });
  }

  #select(
    name: string,
    label: Parameters<typeof t>[0],
    options: readonly (readonly [string, Parameters<typeof t>[0]])[],
    redraws = false,
  ): HTMLElement {
    const select = h(
      "select",
      { id: `trace-${name}` },
      ...options.map(([value, text]) => h("option", { value }, t(text))),
    );
    select.value = this.#given[name] ?? "";
    select.addEventListener("change", () => {
      this.#given[name] = select.value;
      if (!redraws) return;
      this.#given.value = "";
      this.render();
      this.element.querySelector<HTMLElement>(`#trace-${name}`)?.focus();
    });
    return field(select, t(label), { fault: this.#faults[name] });
  }

  #body(): Record<string, unknown> {
    const { kind = "phone", value = "", name = "", ...rest } = this.#given;
    return {
      [kind]: value.trim(),
      ...(kind === "phone" && name.trim() ? { name: name.trim() } : {}),
      case_ref: rest.case_ref ?? "",
      reason: rest.reason ?? "",
      days: Number(rest.days),
      rule: rest.rule,
      minutes: Number(rest.minutes),
      orders: Number(rest.orders),
    };
  }

  async #send(): Promise<void> {
    this.#faults = {};
    this.#failed = "";
    try {
      const made = await this.#app.calls.ask(this.#body());
      this.#given = {};
      this.#app.open(made.id);
      return;
    } catch (error) {
      const problem = error instanceof HttpError ? error.problem : null;
      const { errors = [] } = (problem ?? {}) as { errors?: Fault[] };
      for (const one of errors)
        this.#faults[one.field === "body" ? (this.#given.kind ?? "") : one.field] = pick(one);
      this.#failed = errors.length > 0 ? t("mend") : t("failed", { why: why(error) });
    }
    this.render();
    this.element.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }
}
