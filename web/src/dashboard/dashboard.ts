// The page: a head, a section for each theme that has figures, and the map.
import { button, h } from "../dom";
import { type Course, loadCourse } from "../epidemic/data";
import { formatInstant } from "../format";
import { language, onLanguage, pick } from "../locale";
import mark from "../mark.svg?url";
import { siteTools } from "../menu/menu";
import { spaced } from "../spaced";
import { breakdown, cards } from "./cards";
import { Trend } from "./chart";
import { Choropleth } from "./choropleth";
import {
  type Areas,
  type Figures,
  type Hotspots,
  loadAreas,
  loadFigures,
  loadHotspots,
} from "./data";
import { epidemicScene } from "./epidemic";
import { hotspotScene } from "./hotspots";
import { LiveLayers } from "./live";
import { t } from "./text";
import { Wall } from "./wall";

const PAUSE_MS = 700;
const AGAIN_MS = 5000;

/** The pages that tell more of a theme. */
const MORE: Record<string, string> = { vaccination: "/vaccination-progress" };

/** A theme's section, made once for a language, and filled again with each answer. */
interface Scene {
  element: HTMLElement;
  fill(data: Figures): void;
}

export class Dashboard {
  readonly #header = h("header", { class: "top" });
  readonly #main = h("main", { id: "content" });
  readonly #state = h("span", { role: "status", class: "live-state" });
  readonly #asOf = h("span", { class: "as-of" });
  readonly #map = new Choropleth(() => this.#refresh());
  readonly #wall = new Wall((scene) => {
    if (scene === null || scene === this.#map.element) this.#map.resize(scene !== null);
  });
  readonly #live = new LiveLayers(
    () => this.#refresh(),
    (is) => {
      this.#streaming = is;
      this.#say();
    },
  );
  readonly #refresh = spaced(() => this.#load(), PAUSE_MS);
  #scenes: Scene[] = [];
  #data: Figures | null = null;
  #hotspots: Hotspots = { results: [] };
  #course: Course | null = null;
  #days = 30;
  #reached = true;
  #streaming = true;

  start(): void {
    document.body.replaceChildren(this.#header, this.#main, this.#wall.element);
    this.#wall.element.hidden = true;
    this.#head();
    this.#message(t("loading"), false);
    onLanguage(() => this.#render());
    this.#refresh();
    if (new URLSearchParams(location.search).has("wall")) this.#wall.enter();
  }

  async #load(): Promise<void> {
    try {
      const { level } = this.#map.choice;
      const [figures, areas, hotspots, course] = await Promise.all([
        loadFigures(this.#days),
        loadAreas(level),
        loadHotspots(),
        loadCourse("", 30).catch(() => null),
      ]);
      this.#show(figures, areas, hotspots, course);
    } catch {
      this.#reached = false;
      this.#say();
      if (this.#data === null) this.#message(t("away"), true);
      setTimeout(() => this.#refresh(), AGAIN_MS);
    }
  }

  #message(text: string, again: boolean): void {
    this.#main.replaceChildren(
      h("p", { class: "message", role: again ? "alert" : "status" }, text),
      ...(again
        ? [
            h("p", { class: "message" }, t("awayHint")),
            h("p", { class: "message" }, button({ class: "button" }, this.#refresh, t("retry"))),
          ]
        : []),
    );
  }

  #show(figures: Figures, areas: Areas, hotspots: Hotspots, course: Course | null): void {
    const first = this.#data === null || this.#themes(this.#data) !== this.#themes(figures);
    const beside = [hotspots, course];
    const others = JSON.stringify(beside) !== JSON.stringify([this.#hotspots, this.#course]);
    this.#data = figures;
    [this.#hotspots, this.#course] = [hotspots, course];
    if (first || others) this.#render();
    for (const scene of this.#scenes) scene.fill(figures);
    this.#map.show(areas);
    this.#wall.fit();
    this.#asOf.textContent = t("asOf", { at: formatInstant(figures.asOf, figures.timeZone) });
    this.#reached = true;
    this.#say();
    const layers = figures.figures.map(({ layer }) => layer);
    this.#live.watch([...new Set([...layers, "hotspots", "emerging_hotspots"])]);
  }

  #themes(data: Figures): string {
    return data.themes.map(({ id }) => id).join();
  }

  #render(): void {
    this.#head();
    const data = this.#data;
    if (data === null) {
      this.#message(t("loading"), false);
      return;
    }
    this.#scenes = data.themes.map(({ id }) => this.#scene(id, data));
    this.#map.render();
    const hot = hotspotScene(this.#hotspots, data.timeZone);
    const scenes = [...this.#scenes.map(({ element }) => element), this.#map.element];
    // After the first theme: what is happening, then where it gathers.
    const beside = [hot, epidemicScene(this.#course)].filter((one) => one !== null);
    scenes.splice(1, 0, ...beside);
    this.#main.replaceChildren(...scenes);
    for (const scene of this.#scenes) scene.fill(data);
    this.#wall.render(scenes);
  }

  #scene(theme: string, data: Figures): Scene {
    const title = data.themes.find(({ id }) => id === theme)?.title;
    const name = title ? pick(title) : theme;
    const more = MORE[theme];
    const list = h("ul", { class: "figures" });
    const codes = h("div", { class: "breakdowns" });
    const has = data.series.some((one) => one.theme === theme);
    const trend = has
      ? new Trend(this.#days, (days) => {
          this.#days = days;
          this.#refresh();
        })
      : null;
    const element = h(
      "section",
      { class: `scene${has ? " scene-trend" : ""}`, "data-scene": theme },
      h("h2", {}, more ? h("a", { href: more }, name) : name),
      list,
      codes,
      trend?.element ?? null,
    );
    const fill = (now: Figures): void => {
      list.replaceChildren(...cards(now.figures, theme, now.fewest));
      codes.replaceChildren(...now.breakdowns.filter((one) => one.theme === theme).map(breakdown));
      trend?.show(now.series.filter((one) => one.theme === theme));
    };
    return { element, fill };
  }

  /** Says whether what is shown is kept true: the figures could be read, and changes are heard of. */
  #say(): void {
    const is = this.#reached && this.#streaming;
    const said = t(is ? "live" : "lost");
    if (this.#state.textContent !== said) this.#state.textContent = said;
    this.#state.classList.toggle("lost", !is);
  }

  #head(): void {
    const data = this.#data;
    const province = data ? pick(data.province.name) : "";
    document.title = province ? `${t("title")} · ${province}` : t("title");
    if (data) this.#asOf.textContent = t("asOf", { at: formatInstant(data.asOf, data.timeZone) });
    if (data) this.#say();
    this.#header.replaceChildren(
      h("img", { src: mark, alt: "", width: 36, height: 36 }),
      h("div", { class: "top-names" }, h("h1", {}, t("title")), h("p", {}, province)),
      h(
        "div",
        { class: "freshness" },
        this.#asOf,
        this.#state,
        data?.synthetic
          ? h("span", { class: "synthetic", title: t("syntheticHint") }, t("synthetic"))
          : null,
      ),
      h(
        "nav",
        { class: "top-links", "aria-label": t("title") },
        h("a", { class: "button", href: "/" }, t("toMap")),
        h("a", { class: "button", href: `/api/brief.pdf?lang=${language()}` }, t("brief")),
        button({ class: "button", "data-wall": "" }, () => this.#wall.enter(), t("wall")),
      ),
      siteTools(),
    );
  }
}
