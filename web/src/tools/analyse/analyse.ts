import type { LayerConfig } from "../../config";
import { button, h } from "../../dom";
import { formatInstant, formatNumber } from "../../format";
import { fetchJson, HttpError } from "../../http";
import { pick } from "../../language";
import { session } from "../../menu/session";
import { Sheet } from "../../panel/sheet";
import type { Tool, ToolContext } from "../tool";
import { DrawnResult } from "./drawn";
import { requestForm } from "./form";
import { type Finished, Job, keep, keptResults, remove } from "./job";
import { inputsOf, PROCESSES, type Request } from "./request";
import type { Kept, Properties, Result, Source } from "./result";
import { Steps } from "./steps";
import { t } from "./text";
import { sample, why } from "./why";
import "../fields.css";
import "./analyse.css";

const EVENTS = "sos_requests";
const KEPT_DAYS = 30;

export function open(context: ToolContext): Tool {
  return new Analyse(context);
}

/** Runs a process on a layer, draws its result, explains its areas, and keeps it. */
class Analyse implements Tool {
  readonly #context: ToolContext;
  readonly #drawn: DrawnResult;
  readonly #body = h("div", { class: "tool-body analyse" });
  readonly #status = h("p", { class: "tool-status", role: "status" });
  readonly #request: Request;
  #job: Job | null = null;
  /** What is drawn: the job it is of, if it is not kept. */
  #shown: { result: Result; source: Source; job: string | null } | null = null;
  #area: Properties | null = null;
  #steps: Steps | null = null;
  #kept: Kept[] = [];
  #mayKeep = false;
  #login = "";
  #role = "";

  constructor(context: ToolContext) {
    this.#context = context;
    const layers = this.#layers();
    const first = layers.find(({ id }) => id === EVENTS) ?? layers[0];
    this.#request = {
      process: "hotspots",
      layer: first?.id ?? "",
      by: "hexagon",
      size: null,
      value: "count",
      distance: null,
      stepDays: 7,
      narrowed: true,
      asPublic: true,
    };
    this.#drawn = new DrawnResult(context.map, (area) => {
      this.#area = area;
      this.render();
      this.#body.querySelector(".why")?.scrollIntoView({ block: "nearest" });
    });
    context.map.picks = false;
    void this.#askKept();
  }

  title(): string {
    return t("title");
  }

  close(): void {
    void this.#job?.cancel();
    this.#steps?.stop();
    this.#drawn.clear();
    this.#showLayers(true);
    this.#context.map.picks = true;
  }

  /** Whether the layers of kept results are drawn: not below another result. */
  #showLayers(shown: boolean): void {
    for (const [, id] of PROCESSES)
      this.#context.map.setVisible(id, shown && this.#context.isOn(id));
  }

  render(): HTMLElement {
    const parts = [this.#form(), this.#status, this.#outcome(), this.#keptList()];
    this.#body.replaceChildren(...parts.filter((part) => part !== null));
    return this.#body;
  }

  #layers(): LayerConfig[] {
    const shown: readonly string[] = PROCESSES.map(([, collection]) => collection);
    return this.#context.config.layers.filter(
      ({ id, geometryType }) => geometryType === "Point" && !shown.includes(id),
    );
  }

  #layer(id: string | null | undefined): LayerConfig | undefined {
    return this.#context.config.layers.find((one) => one.id === id);
  }

  #collection(process: string): LayerConfig | undefined {
    return this.#layer(PROCESSES.find(([id]) => id === process)?.[1]);
  }

  #form(): HTMLElement {
    return requestForm(this.#request, {
      config: this.#context.config,
      layers: this.#layers(),
      query: this.#context.queries.get(this.#request.layer),
      mayChooseRights: this.#login !== "",
      running: this.#job !== null,
      onChange: () => this.render(),
      onRun: () => void this.#run(),
      onCancel: () => void this.#cancel(),
    });
  }

  async #run(): Promise<void> {
    const { process, layer, asPublic } = this.#request;
    const job = new Job(asPublic || !this.#login);
    this.#job = job;
    this.#status.textContent = t("running", { n: 0 });
    this.render();
    try {
      const inputs = inputsOf(this.#request, this.#context.queries.get(layer));
      const found = await job.run(process, inputs, (n) => {
        if (this.#job === job) this.#status.textContent = t("running", { n });
      });
      if (this.#job !== job) return;
      if (found) this.#finished(found);
    } catch (error) {
      if (this.#job !== job) return;
      this.#failed(error);
    }
    this.#job = null;
    this.render();
  }

  #finished({ id, result }: Finished): void {
    this.#status.textContent = t("done", { n: formatNumber(result.features.length) });
    this.#show(result, { ...result.provenance, summary: result.summary }, id);
    this.#status.scrollIntoView({ block: "nearest" });
    // The panel covers what the map was fitted to before.
    if (Sheet.isPhone) this.#context.map.showProvince();
  }

  #failed(error: unknown): void {
    const known = error instanceof HttpError && error.status > 0;
    const reason = known ? error.message : t("noAnswer");
    this.#status.textContent = t("failed", { why: reason });
  }

  async #cancel(): Promise<void> {
    const job = this.#job;
    this.#job = null;
    this.#status.textContent = "";
    this.render();
    await job?.cancel();
  }

  #show(result: Result, source: Source, job: string | null): void {
    this.#steps?.stop();
    this.#shown = { result, source, job };
    this.#area = null;
    const layer = this.#collection(source.process);
    this.#drawn.show(result, layer);
    this.#showLayers(false);
    this.#steps = Steps.of(result, (step) => this.#drawn.showStep(step, layer));
    this.render();
  }

  #clear(): void {
    this.#steps?.stop();
    this.#steps = null;
    this.#shown = null;
    this.#area = null;
    this.#drawn.clear();
    this.#showLayers(true);
    this.#status.textContent = "";
    this.render();
  }

  /** What is said of the result that is drawn. */
  #outcome(): HTMLElement | null {
    const shown = this.#shown;
    if (!shown) return null;
    const layer = this.#collection(shown.source.process);
    this.#steps?.render();
    return h(
      "section",
      { class: "outcome", "aria-label": shown.source.title ?? t("done", { n: "" }) },
      shown.source.title ? h("h3", {}, shown.source.title) : null,
      this.#legend(shown.result, layer),
      this.#steps?.element ?? null,
      this.#area
        ? h("div", { class: "why" }, ...why(this.#context.config, layer, this.#area, shown.source))
        : h("p", { class: "tool-note" }, t("pick")),
      h(
        "div",
        { class: "tool-row" },
        button({ class: "button" }, () => this.#download(shown.result), t("download")),
        button({ class: "button" }, () => this.#clear(), t("clear")),
      ),
      shown.job && this.#mayKeep ? this.#keeping(shown.job, shown.source) : null,
    );
  }

  /** The classes that the result has, each with how many areas. */
  #legend(result: Result, layer: LayerConfig | undefined): HTMLElement {
    const counts = new Map<string, number>();
    for (const { properties } of result.features) {
      const kind = String(properties.class);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const codes = layer?.columns.find(({ name }) => name === "class")?.codes ?? {};
    const lines = Object.entries(codes).flatMap(([kind, title]) =>
      counts.has(kind)
        ? [
            h(
              "li",
              {},
              sample(layer, kind),
              h("span", {}, pick(title)),
              h("span", { class: "count" }, formatNumber(counts.get(kind) ?? 0)),
            ),
          ]
        : [],
    );
    return h("ul", { class: "analyse-legend", "aria-label": t("legend") }, ...lines);
  }

  #download(result: Result): void {
    const type = "application/geo+json";
    const address = URL.createObjectURL(new Blob([JSON.stringify(result)], { type }));
    h("a", { href: address, download: `${result.provenance.process}.geojson` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  #keeping(job: string, source: Source): HTMLElement {
    const layer = this.#layer(String(source.inputs.layer));
    const method = this.#collection(source.process);
    const usual = [method, layer].map((one) => (one ? pick(one.title) : "")).join(": ");
    const title = h("input", { type: "text", required: true, maxlength: 160, value: usual });
    const days = h("input", { type: "number", min: 1, max: 366, required: true, value: KEPT_DAYS });
    const form = h(
      "form",
      { class: "keeping" },
      h("label", { class: "tool-field" }, h("span", {}, t("keepTitle")), title),
      h("label", { class: "tool-field" }, h("span", {}, t("keepDays")), days),
      h("p", { class: "tool-note" }, t(this.#request.asPublic ? "keepPublic" : "keepStaff")),
      h("button", { class: "button button-strong" }, t("keep")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#keep(job, title.value, days.valueAsNumber);
    });
    return form;
  }

  async #keep(job: string, title: string, days: number): Promise<void> {
    try {
      const kept = await keep(job, title, days);
      if (this.#shown?.job === job) this.#shown = { ...this.#shown, source: kept, job: null };
      this.#context.notify(t("kept", { title: kept.title }));
      await this.#askKept();
    } catch (error) {
      this.#failed(error);
    }
    this.render();
  }

  async #askKept(): Promise<void> {
    const [kept, signed] = await Promise.allSettled([keptResults(), session()]);
    if (kept.status === "fulfilled") {
      this.#kept = kept.value.results;
      this.#mayKeep = kept.value.may_keep;
    }
    if (signed.status === "fulfilled" && signed.value.signedIn) {
      this.#login = signed.value.login;
      this.#role = signed.value.role;
    }
    this.render();
  }

  #keptList(): HTMLElement {
    const lines = this.#kept.map((one) => {
      const mine = one.kept_by === this.#login || this.#role === "admin";
      const layer = this.#layer(one.layer);
      const about = t("keptOf", {
        process: one.process_title ? pick(one.process_title) : one.process,
        layer: layer ? pick(layer.title) : one.layer,
        at: formatInstant(one.kept_at, this.#context.config.province.timeZone),
      });
      return h(
        "li",
        {},
        button(
          { class: "kept-title", "aria-label": t("show", { title: one.title }) },
          () => void this.#open(one),
          h("span", {}, one.title),
          h("span", { class: "tool-note" }, about),
        ),
        this.#mayKeep && mine
          ? button(
              { class: "button", "aria-label": t("removeOf", { title: one.title }) },
              () => void this.#remove(one),
              t("remove"),
            )
          : null,
      );
    });
    return h(
      "details",
      { class: "kept-results" },
      h("summary", {}, t("keptList")),
      lines.length > 0 ? h("ul", {}, ...lines) : h("p", { class: "tool-note" }, t("noneKept")),
    );
  }

  async #open(one: Kept): Promise<void> {
    try {
      this.#status.textContent = "";
      this.#show(await fetchJson<Result>(one.features), one, null);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #remove(one: Kept): Promise<void> {
    try {
      await remove(one.id);
      this.#context.notify(t("removed", { title: one.title }));
      await this.#askKept();
    } catch (error) {
      this.#failed(error);
    }
  }
}
