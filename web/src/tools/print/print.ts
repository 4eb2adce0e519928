import type { LayerConfig } from "../../config";
import { button, h } from "../../dom";
import { formatInstant, formatNumber } from "../../format";
import { fetchJson } from "../../http";
import { language, pick } from "../../language";
import { translator } from "../../locale";
import { legendOf } from "../../map/compose";
import { en } from "../../texts/tools/print/en";
import { vi } from "../../texts/tools/print/vi";
import { choice } from "../fields";
import type { Tool, ToolContext } from "../tool";
import { dayOf } from "../windows/zone";
import type { LegendPart } from "./legend";
import { TooLarge } from "./offscreen";
import {
  CSS_DPI,
  MM_PER_INCH,
  ORIENTATIONS,
  type Orientation,
  PAPERS,
  type Paper,
  RESOLUTIONS,
  SCALES,
  scaleOf,
  usualScale,
  zoomOf,
} from "./paper";
import { pdfOf } from "./pdf";
import { withResolution } from "./png";
import { type DrawnSheet, drawSheet, mapSize, type SheetPlan, type SheetWords } from "./sheet";
import { type ConditionWords, filterWords, timeWords } from "./words";
import "../fields.css";
import "./print.css";

const t = translator({ vi, en });
const FORMATS = ["pdf", "png"] as const;
type Format = (typeof FORMATS)[number];
const PREVIEW_DPI = 60;
const SETTLE_MS = 600;
const JPEG_QUALITY = 0.92;

/** Opens printing. */
export function open(context: ToolContext): Tool {
  return new PrintTool(context);
}

class PrintTool implements Tool {
  readonly #context: ToolContext;
  readonly #styles = new Map<string, LegendPart["entries"][number]["entry"][]>();
  readonly #preview = h("div", { class: "print-preview", role: "img" });
  readonly #status = h("p", { class: "tool-status", role: "status" });
  readonly #refresh = (): void => this.#later();
  readonly #forget: () => void;
  #heading: string | null = null;
  #paper: Paper = "A4";
  #orientation: Orientation = "landscape";
  #dpi: number = 200;
  #format: Format = "pdf";
  /** The n of 1:n; 0: to fit the view. */
  #scale = 0;
  #drawing: AbortController | null = null;
  #settling = 0;
  #saving = false;

  constructor(context: ToolContext) {
    this.#context = context;
    context.map.drawn.on("moveend", this.#refresh);
    context.map.drawn.on("styledata", this.#refresh);
    this.#forget = context.queries.onChange(this.#refresh);
    this.#later(0);
  }

  title(): string {
    return t("title");
  }

  render(): HTMLElement {
    this.#preview.setAttribute("aria-label", t("preview"));
    this.#later();
    const heading = h("input", { type: "text", maxlength: 120, value: this.#title() });
    heading.addEventListener("input", () => {
      this.#heading = heading.value;
      this.#later();
    });
    const set =
      <Value>(assign: (value: Value) => void) =>
      (value: Value): void => {
        assign(value);
        this.#later();
      };
    const save = button({ class: "button button-strong" }, () => void this.#save(), t("save"));
    return h(
      "div",
      { class: "tool-body tool-print" },
      this.#preview,
      h("label", { class: "tool-field" }, h("span", {}, t("heading")), heading),
      h(
        "div",
        { class: "tool-row" },
        choice(
          t("paper"),
          PAPERS.map((one) => [one, one] as const),
          this.#paper,
          set((one) => {
            this.#paper = one;
          }),
        ),
        choice(
          t("orientation"),
          ORIENTATIONS.map((one) => [one, t(one)] as const),
          this.#orientation,
          set((one) => {
            this.#orientation = one;
          }),
        ),
        choice(
          t("scale"),
          [
            [0, t("scaleAuto")] as const,
            ...SCALES.map((n) => [n, `1:${formatNumber(n)}`] as const),
          ],
          this.#scale,
          set((n) => {
            this.#scale = n;
          }),
        ),
      ),
      h(
        "div",
        { class: "tool-row" },
        choice(
          t("format"),
          FORMATS.map((one) => [one, t(one)] as const),
          this.#format,
          (one) => {
            this.#format = one;
          },
        ),
        choice(
          t("dpi"),
          RESOLUTIONS.map((n) => [n, t("dpiIs", { n })] as const),
          this.#dpi,
          (n) => {
            this.#dpi = n;
          },
        ),
      ),
      save,
      this.#status,
      h("p", { class: "tool-note" }, t("note")),
    );
  }

  close(): void {
    this.#context.map.drawn.off("moveend", this.#refresh);
    this.#context.map.drawn.off("styledata", this.#refresh);
    this.#forget();
    clearTimeout(this.#settling);
    this.#drawing?.abort();
  }

  #title(): string {
    const province = pick(this.#context.config.province.name);
    return this.#heading ?? t("headingDefault", { province });
  }

  /** Draws the preview once nothing has changed for a moment. */
  #later(delay = SETTLE_MS): void {
    clearTimeout(this.#settling);
    if (!this.#saving) this.#settling = window.setTimeout(() => void this.#show(), delay);
  }

  async #show(): Promise<void> {
    const signal = this.#begin(t("previewing"));
    try {
      const sheet = await drawSheet(await this.#plan(PREVIEW_DPI), signal);
      if (signal.aborted) return;
      this.#preview.replaceChildren(sheet.canvas);
      this.#status.textContent = "";
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  #begin(text: string): AbortSignal {
    this.#drawing?.abort();
    this.#drawing = new AbortController();
    this.#status.textContent = text;
    return this.#drawing.signal;
  }

  #fail(error: unknown): void {
    this.#status.textContent =
      error instanceof TooLarge
        ? t("tooLarge", {
            width: formatNumber(error.pixels.width),
            height: formatNumber(error.pixels.height),
          })
        : t("failed");
  }

  async #save(): Promise<void> {
    if (this.#saving) return;
    clearTimeout(this.#settling);
    this.#saving = true;
    const signal = this.#begin(t("saving"));
    try {
      const plan = await this.#plan(this.#dpi);
      const sheet = await drawSheet(plan, signal);
      const file = this.#format === "pdf" ? await this.#pdf(sheet) : await this.#png(sheet);
      if (signal.aborted) return;
      const name = `${this.#fileName()}.${this.#format}`;
      download(file, name);
      this.#status.textContent = t("saved", { name });
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      this.#saving = false;
    }
  }

  async #png({ canvas, size }: DrawnSheet): Promise<Blob> {
    const png = await encoded(canvas, "image/png");
    const dpi = (canvas.width / size.width) * MM_PER_INCH;
    return new Blob([withResolution(png, dpi)], { type: "image/png" });
  }

  async #pdf({ canvas, size, texts }: DrawnSheet): Promise<Blob> {
    const jpeg = await encoded(canvas, "image/jpeg");
    const pixels = { width: canvas.width, height: canvas.height };
    const about = { title: this.#title(), language: language(), made: new Date() };
    return new Blob([pdfOf({ size, jpeg, pixels, texts, ...about })], { type: "application/pdf" });
  }

  /** The name of a file: what, where, when, on which paper; never whom. */
  #fileName(): string {
    const { id, timeZone } = this.#context.config.province;
    return `${t("fileName")}-${id}-${dayOf(new Date(), timeZone)}-${this.#paper.toLowerCase()}`;
  }

  async #plan(dpi: number): Promise<SheetPlan> {
    const map = this.#context.map.drawn;
    const legend = await this.#legend();
    const { lng, lat } = map.getCenter();
    const about = { paper: this.#paper, orientation: this.#orientation, legend };
    const words = this.#words(lat);
    const scale = this.#scale || this.#fitting(mapSize({ ...about, words }), lat);
    return {
      ...about,
      dpi,
      scale,
      words: { ...words, scale: t("scaleIs", { n: formatNumber(scale) }) },
      map: { style: map.getStyle(), center: [lng, lat], zoom: zoomOf(scale, lat) },
    };
  }

  /** The usual scale at which all that is in view is on the sheet. */
  #fitting({ width, height }: { width: number; height: number }, latitude: number): number {
    const map = this.#context.map.drawn;
    const { clientWidth, clientHeight } = map.getContainer();
    const px = (mm: number): number => (mm / MM_PER_INCH) * CSS_DPI;
    const smaller = Math.max(clientWidth / px(width), clientHeight / px(height));
    return usualScale(scaleOf(map.getZoom(), latitude) * smaller);
  }

  #shown(): LayerConfig[] {
    return this.#context.config.layers.filter(({ id }) => this.#context.isOn(id));
  }

  async #legend(): Promise<LegendPart[]> {
    const parts = this.#shown().map(async (layer) => {
      const known = this.#styles.get(layer.id);
      const entries = known ?? legendOf(layer.style ? await fetchJson(layer.style) : undefined);
      this.#styles.set(layer.id, entries);
      return {
        title: pick(layer.title),
        entries: entries.map((entry) => ({ entry, label: pick(entry.label) })),
      };
    });
    return (await Promise.all(parts)).filter(({ entries }) => entries.length > 0);
  }

  #words(latitude: number): Omit<SheetWords, "scale"> & { scale: string } {
    const { config } = this.#context;
    const { timeZone } = config.province;
    const zone = timeZone.replaceAll("_", " ");
    const province = pick(config.province.name);
    const made = formatInstant(new Date().toISOString(), timeZone);
    const degrees = formatNumber(Math.round(latitude * 10) / 10);
    return {
      title: this.#title(),
      conditions: this.#conditions(),
      legend: t("legend"),
      legendMore: (n) => t("legendMore", { n }),
      north: t("north"),
      synthetic: this.#shown().some(({ synthetic }) => synthetic) ? t("synthetic") : null,
      scale: "",
      footer: [
        t("madeAt", { time: made, zone }),
        [t("source", { province, address: location.host }), config.basemap?.attribution]
          .filter(Boolean)
          .join(" · "),
        t("projection", { latitude: `${degrees}°` }),
      ],
      distance: (metres) =>
        metres >= 1000 ? `${formatNumber(metres / 1000)} km` : `${formatNumber(metres)} m`,
    };
  }

  /** The times and filters in force, in words. */
  #conditions(): string[] {
    const words: ConditionWords = {
      from: (first) => t("from", { first }),
      until: (last) => t("until", { last }),
      and: t("and"),
      or: t("or"),
      not: t("not"),
      in: t("in"),
      like: t("like"),
      between: t("between"),
      is: t("is"),
      empty: t("empty"),
      inArea: t("inArea"),
    };
    const zone = this.#context.config.province.timeZone;
    const times = new Map<string, string[]>();
    const said: string[] = [];
    for (const layer of this.#shown()) {
      const { datetime, filter } = this.#context.queries.get(layer.id);
      const name = pick(layer.title);
      if (datetime !== null) times.set(datetime, [...(times.get(datetime) ?? []), name]);
      if (filter !== null)
        said.push(t("filterOf", { layer: name, filter: filterWords(filter, layer, words) }));
    }
    const timed = [...times].map(([datetime, layers]) =>
      t("timeOf", { time: timeWords(datetime, zone, words), layers: layers.join(", ") }),
    );
    return [...timed, ...said];
  }
}

/** The bytes of a canvas as a file of a type. */
async function encoded(canvas: HTMLCanvasElement, type: string): Promise<Uint8Array> {
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, type, JPEG_QUALITY));
  if (!blob) throw new TooLarge({ width: canvas.width, height: canvas.height });
  return new Uint8Array(await blob.arrayBuffer());
}

function download(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = h("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
