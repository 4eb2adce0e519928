import type { LayerConfig } from "../../config";
import { button, h } from "../../dom";
import { formatNumber } from "../../format";
import { fetchJson, HttpError } from "../../http";
import { pick } from "../../language";
import { session } from "../../menu/session";
import { Sheet } from "../../panel/sheet";
import type { Tool, ToolContext } from "../tool";
import { addDays, dayOf } from "../windows/zone";
import { type Arc, boxOf, FLOW } from "./arcs";
import { DrawnResult } from "./drawn";
import { daysOf, flowLegend, flowTable } from "./flows";
import { processTitle, requestForm } from "./form";
import { type Finished, Job, keep, keptResults, remove } from "./job";
import { keepingForm, keptList } from "./kept-list";
import { classLegend } from "./legend";
import { inputsOf, isForStaff, PROCESSES, type Request } from "./request";
import type { Kept, Properties, Result, Source } from "./result";
import { Steps } from "./steps";
import { t } from "./text";
import { why } from "./why";
import "../fields.css";
import "./analyse.css";

const EVENTS = "sos_requests";
const QGIS_STYLE = "/api/results/styles/flows.qml";
/** Days of flows that are asked for unless somebody says otherwise. */
const USUAL_DAYS = 7;

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
  #mayRun: readonly string[] = [];
  #login = "";
  #role = "";

  constructor(context: ToolContext) {
    this.#context = context;
    const layers = this.#layers();
    const first = layers.find(({ id }) => id === EVENTS) ?? layers[0];
    const today = dayOf(new Date(), context.config.province.timeZone);
    this.#request = {
      process: "hotspots",
      layer: first?.id ?? "",
      by: "hexagon",
      size: null,
      value: "count",
      distance: null,
      stepDays: 7,
      first: addDays(today, 1 - USUAL_DAYS),
      last: today,
      fewest: 5,
      narrowed: true,
      asPublic: true,
    };
    this.#drawn = new DrawnResult(context.map, (area) => this.#choose(area));
    context.map.picks = false;
    void this.#askKept();
  }

  title(): string {
    return t("title");
  }

  /** Explains an area or a flow, which is marked. */
  #choose(area: Properties): void {
    this.#area = area;
    this.#drawn.mark(area[FLOW]);
    this.render();
    this.#body.querySelector(".why")?.scrollIntoView({ block: "nearest" });
  }

  /** Explains a flow of the table, where it can be seen. */
  #point(flow: Arc): void {
    this.#context.map.showBox(boxOf(flow));
    this.#choose(flow.properties);
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
      if (id !== null) this.#context.map.setVisible(id, shown && this.#context.isOn(id));
  }

  render(): HTMLElement {
    const parts = [this.#form(), this.#status, this.#outcome(), this.#keptList()];
    this.#body.replaceChildren(...parts.filter((part) => part !== null));
    return this.#body;
  }

  #layers(): LayerConfig[] {
    const shown: readonly (string | null)[] = PROCESSES.map(([, collection]) => collection);
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
      mayRun: this.#mayRun,
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
    const job = new Job((asPublic && !isForStaff(process)) || !this.#login);
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
    const n = formatNumber(result.features.length);
    this.#status.textContent = t(result.provenance.process === "flows" ? "flowsDone" : "done", {
      n,
    });
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
    if (source.process === "flows") this.#drawn.showFlows(result);
    else this.#drawn.show(result, layer);
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
    const flows = shown.source.process === "flows";
    this.#steps?.render();
    return h(
      "section",
      { class: "outcome", "aria-label": shown.source.title ?? t("done", { n: "" }) },
      shown.source.title ? h("h3", {}, shown.source.title) : null,
      ...(flows ? flowLegend(shown.result) : [classLegend(shown.result, layer)]),
      this.#steps?.element ?? null,
      this.#area
        ? h("div", { class: "why" }, ...why(this.#context.config, layer, this.#area, shown.source))
        : h("p", { class: "tool-note" }, t(flows ? "flowPick" : "pick")),
      flows ? flowTable(shown.result, this.#area?.[FLOW], (flow) => this.#point(flow)) : null,
      h(
        "div",
        { class: "tool-row" },
        button({ class: "button" }, () => this.#download(shown.result), t("download")),
        flows &&
          h("a", { class: "button", href: QGIS_STYLE, download: "flows.qml" }, t("qgisStyle")),
        button({ class: "button" }, () => this.#clear(), t("clear")),
      ),
      shown.job && this.#mayKeep ? this.#keeping(shown.job, shown.source) : null,
    );
  }

  #download(result: Result): void {
    const type = "application/geo+json";
    const address = URL.createObjectURL(new Blob([JSON.stringify(result)], { type }));
    h("a", { href: address, download: `${result.provenance.process}.geojson` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  #keeping(job: string, source: Source): HTMLElement {
    const { config } = this.#context;
    const isForAll = !isForStaff(source.process) && this.#request.asPublic;
    const layer = this.#layer(String(source.inputs.layer));
    const of = daysOf(source.inputs) ?? (layer ? pick(layer.title) : "");
    const usual = `${processTitle(source.process, config)}: ${of}`;
    return keepingForm(usual, isForAll, (title, days) => void this.#keep(job, title, days));
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
      this.#mayRun = kept.value.may_run;
    }
    if (signed.status === "fulfilled" && signed.value.signedIn) {
      this.#login = signed.value.login;
      this.#role = signed.value.role;
    }
    this.render();
  }

  #keptList(): HTMLElement {
    const mine = (one: Kept): boolean => one.kept_by === this.#login || this.#role === "admin";
    return keptList(this.#context.config, this.#kept, (one) => this.#mayKeep && mine(one), {
      open: (one) => void this.#open(one),
      remove: (one) => void this.#remove(one),
    });
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
