import { readField, writeField } from "../../address";
import type { LayerConfig } from "../../config";
import { button, drawing, h } from "../../dom";
import { formatDate, formatNumber } from "../../format";
import { translator } from "../../locale";
import { queriedTiles } from "../../map/queries";
import { en } from "../../texts/tools/time/en";
import { vi } from "../../texts/tools/time/vi";
import { choice, tick } from "../fields";
import { countMatches } from "../matches";
import type { Tool, ToolContext } from "../tool";
import { firstDay, windowInterval } from "../windows/windows";
import { timedLayer, windowChoices, windowWords } from "../windows/words";
import { addDays, dayOf, daysBetween } from "../windows/zone";
import { loaded, Preloader, tilesInView } from "./frames";
import { Histogram } from "./histogram";
import { Player } from "./player";
import { readState, SPEEDS, STEPS, type TimeState, writeState } from "./state";
import { fetchTimeline, type Timeline } from "./timeline";
import "../fields.css";
import "./time.css";

const t = translator({ vi, en });
const FIELD = "time";
const SETTLE_MS = 120;
const DRAWINGS = {
  play: "M6 4l10 6-10 6z",
  pause: "M6.5 4v12M13.5 4v12",
  earlier: "M13 4l-7 6 7 6",
  later: "M7 4l7 6-7 6",
};

/** Opens the time slider. */
export function open(context: ToolContext): Tool {
  return new TimeTool(context);
}

class TimeTool implements Tool {
  readonly #context: ToolContext;
  readonly #timed: LayerConfig[];
  readonly #state: TimeState;
  readonly #zone: string;
  readonly #histogram = new Histogram();
  readonly #preloader = new Preloader();
  readonly #player: Player;
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  readonly #slider = h("input", { type: "range", min: 0, step: 1, class: "time-slider" });
  readonly #shown = h("output", { class: "time-shown" });
  readonly #status = h("p", { class: "tool-status", role: "status" });
  readonly #playButton = button({ class: "button button-strong" }, () => this.#toggle());
  readonly #forget: () => void;
  #timeline: Timeline | null = null;
  #filters = "";
  #fetching: AbortController | null = null;
  #counting: AbortController | null = null;
  #settling = 0;

  constructor(context: ToolContext) {
    this.#context = context;
    this.#zone = context.config.province.timeZone;
    this.#timed = context.config.layers.filter(({ time }) => time !== null);
    this.#state = this.#restored();
    this.#player = new Player({
      advance: () => this.#move(this.#state.step),
      drawn: () => loaded(context.map.drawn, this.#state.layers),
      preload: () => this.#preload(),
      onState: (playing) => {
        this.#labelPlay();
        if (!playing) this.#count();
      },
    });
    this.#slider.addEventListener("input", () => {
      this.#player.stop();
      this.#goTo(Number(this.#slider.value));
    });
    this.#forget = context.queries.onChange(() => {
      if (this.#filters !== this.#filtersNow()) void this.#fetch();
    });
    void this.#fetch();
  }

  title(): string {
    return t("title");
  }

  render(): HTMLElement {
    this.#labelPlay();
    this.#show();
    const { window, step, speed } = this.#state;
    const speeds = this.#calm ? SPEEDS.filter((one) => one <= 1) : SPEEDS;
    return h(
      "div",
      { class: "tool-body tool-time" },
      this.#shown,
      h("div", { class: "time-track" }, this.#histogram.element, this.#slider),
      h(
        "div",
        { class: "time-buttons" },
        this.#stepButton("earlier", -1),
        this.#playButton,
        this.#stepButton("later", 1),
      ),
      this.#status,
      h(
        "div",
        { class: "tool-row" },
        choice(t("window"), windowChoices(), window.name, (name) => {
          this.#state.window.name = name;
          this.#apply();
        }),
        choice(
          t("step"),
          STEPS.map((n) => [n, n === 1 ? t("day") : t("steps", { n })] as const),
          step,
          (n) => {
            this.#state.step = n;
            this.#remember();
          },
        ),
        choice(
          t("speed"),
          speeds.map((n) => [n, formatNumber(n)] as const),
          speed,
          (n) => {
            this.#state.speed = n;
            this.#remember();
          },
        ),
      ),
      this.#calm ? h("p", { class: "tool-note" }, t("slow")) : null,
      this.#layerChoices(),
      h("p", { class: "tool-note" }, `${t("layersHint")} ${t("zone", { zone: this.#zone })}`),
      button({ class: "button" }, () => this.#clear(), t("clear")),
    );
  }

  close(): void {
    this.#player.stop();
    this.#preloader.stop();
    this.#fetching?.abort();
    this.#counting?.abort();
    clearTimeout(this.#settling);
    this.#forget();
    if (this.#narrows()) this.#context.notify(t("stays", { window: this.#words() }));
  }

  /** Whether the map shows less than all times. */
  #narrows(): boolean {
    return this.#state.layers.some((id) => this.#context.queries.get(id).datetime !== null);
  }

  #words(): string {
    return windowWords(this.#state.window, formatDate);
  }

  /** The state of the address, or the last week of the layers of events that are on. */
  #restored(): TimeState {
    const ids = this.#timed.map(({ id }) => id);
    const kept = readState(readField(location.hash, FIELD), ids);
    if (kept) return { ...kept, speed: this.#calm ? Math.min(1, kept.speed) : kept.speed };
    const events = this.#timed.filter(
      ({ id, time }) => time?.of === "event" && this.#context.isOn(id),
    );
    return {
      window: { last: "", name: "week" },
      step: 1,
      speed: 1,
      layers: events.map(({ id }) => id),
    };
  }

  #chosen(): LayerConfig[] {
    return this.#timed.filter(({ id }) => this.#state.layers.includes(id));
  }

  #filtersNow(): string {
    const filters = this.#state.layers.map((id) => [id, this.#context.queries.get(id).filter]);
    return JSON.stringify(filters);
  }

  async #fetch(): Promise<void> {
    this.#fetching?.abort();
    const fetching = new AbortController();
    this.#fetching = fetching;
    this.#filters = this.#filtersNow();
    this.#status.textContent = t("loading");
    try {
      this.#timeline = await fetchTimeline(this.#chosen(), this.#context.queries, fetching.signal);
    } catch {
      if (fetching.signal.aborted) return;
      this.#timeline = null;
      this.#histogram.draw(null);
      this.#status.textContent = t("failed");
      return;
    }
    if (fetching.signal.aborted) return;
    this.#histogram.draw(this.#timeline);
    if (this.#timeline && this.#state.window.last === "") this.#state.window.last = this.#start();
    this.#apply();
  }

  /** Where the slider stands at first: at today, or the last day if that is earlier. */
  #start(): string {
    const today = dayOf(new Date(), this.#zone);
    const last = this.#lastDay();
    return [last, today].sort()[0] ?? last;
  }

  #lastDay(): string {
    const { first, values } = this.#timeline ?? { first: "", values: [] };
    return addDays(first, values.length - 1);
  }

  /** Moves the window by some days; false at the end. */
  #move(days: number): boolean {
    if (!this.#timeline) return false;
    const at = daysBetween(this.#timeline.first, this.#state.window.last);
    const next = Math.max(0, Math.min(this.#timeline.values.length - 1, at + days));
    if (next === at) return false;
    this.#goTo(next);
    return true;
  }

  #goTo(index: number): void {
    if (!this.#timeline) return;
    this.#state.window.last = addDays(this.#timeline.first, index);
    this.#apply();
  }

  /** Shows the window in the panel at once, and on the map as soon as the slider rests. */
  #apply(): void {
    this.#show();
    clearTimeout(this.#settling);
    if (this.#player.playing) this.#query();
    else this.#settling = window.setTimeout(() => this.#query(), SETTLE_MS);
  }

  #query(): void {
    if (this.#state.window.last === "") return;
    const datetime = windowInterval(this.#state.window, this.#zone);
    for (const layer of this.#state.layers) this.#context.queries.set(layer, { datetime });
    this.#remember();
    if (!this.#player.playing) this.#count();
  }

  #show(): void {
    const { window } = this.#state;
    const days = this.#timeline?.values.length ?? 0;
    this.#slider.disabled = days === 0;
    this.#playButton.disabled = days === 0;
    this.#slider.max = String(Math.max(0, days - 1));
    this.#slider.setAttribute("aria-label", t("slider"));
    if (days === 0) {
      this.#shown.textContent = "";
      if (!this.#fetching || this.#chosen().length === 0) this.#status.textContent = t("none");
      return;
    }
    this.#slider.value = String(daysBetween(this.#timeline?.first ?? "", window.last));
    const first = firstDay(window);
    const text = this.#words();
    this.#shown.textContent = text;
    this.#slider.setAttribute("aria-valuetext", text);
    this.#histogram.mark(first, window.last);
  }

  async #count(): Promise<void> {
    this.#counting?.abort();
    const counting = new AbortController();
    this.#counting = counting;
    try {
      const numbers = await Promise.all(
        this.#chosen().map((layer) =>
          countMatches(layer, this.#context.queries.parameters(layer.id), counting.signal),
        ),
      );
      if (counting.signal.aborted) return;
      const n = numbers.reduce((sum, one) => sum + one, 0);
      this.#status.textContent =
        numbers.length === 0 ? t("none") : t("found", { n: formatNumber(n) });
    } catch {
      if (!counting.signal.aborted) this.#status.textContent = t("failed");
    }
  }

  #toggle(): void {
    if (this.#player.playing) this.#player.stop();
    else {
      // At the end, once more from the beginning.
      if (this.#state.window.last === this.#lastDay()) this.#goTo(0);
      void this.#player.play(() => 1000 / this.#state.speed);
    }
  }

  #labelPlay(): void {
    const name = this.#player.playing ? "pause" : "play";
    this.#playButton.replaceChildren(drawing(DRAWINGS[name]), t(name));
  }

  #stepButton(name: "earlier" | "later", way: number): HTMLButtonElement {
    return button(
      { class: "button", "aria-label": t(name), title: t(name) },
      () => {
        this.#player.stop();
        this.#move(way * this.#state.step);
      },
      drawing(DRAWINGS[name]),
    );
  }

  /** Loads the tiles of the frame that comes next. */
  #preload(): void {
    const { window, step, layers } = this.#state;
    const next = { ...window, last: addDays(window.last, step) };
    if (next.last > this.#lastDay()) return;
    const datetime = windowInterval(next, this.#zone);
    const shown = this.#chosen().filter(({ id }) => layers.includes(id) && this.#context.isOn(id));
    const addresses = shown.flatMap((layer) => {
      const parameters = this.#context.queries.parameters(layer.id);
      parameters.set("datetime", datetime);
      return tilesInView(this.#context.map.drawn, layer, queriedTiles(layer.tiles, parameters));
    });
    this.#preloader.load(addresses);
  }

  #layerChoices(): HTMLElement {
    return h(
      "fieldset",
      { class: "tool-choices" },
      h("legend", {}, t("layers")),
      ...this.#timed.map((layer) => {
        const label = timedLayer(layer, this.#context.isOn(layer.id));
        const chosen = this.#state.layers.includes(layer.id);
        return tick(label, chosen, (ticked) => this.#choose(layer.id, ticked));
      }),
    );
  }

  #choose(layer: string, chosen: boolean): void {
    this.#player.stop();
    const { layers } = this.#state;
    this.#state.layers = chosen ? [...layers, layer] : layers.filter((id) => id !== layer);
    if (!chosen) this.#context.queries.set(layer, { datetime: null });
    void this.#fetch();
  }

  #remember(): void {
    const hash = writeField(location.hash, FIELD, writeState(this.#state));
    history.replaceState(history.state, "", hash);
  }

  /** Shows all times again, and puts the tool away. */
  #clear(): void {
    for (const layer of this.#state.layers) this.#context.queries.set(layer, { datetime: null });
    const hash = writeField(location.hash, FIELD, null);
    history.replaceState(history.state, "", hash || location.pathname);
    this.#context.close();
  }
}
