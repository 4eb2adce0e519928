import { button, h } from "../dom";
import { download } from "../epidemic/figures";
import { clock } from "../form-parts";
import { formatNumber } from "../format";
import { onLanguage, pick } from "../locale";
import { fillBarWithHome } from "../menu/bar";
import { onTheme } from "../theme";
import {
  byDistrict,
  byGroup,
  type Choice,
  chosen,
  complete,
  type Data,
  doses,
  hashOf,
  load,
  numbersOf,
  share,
  type Told,
  total,
} from "./data";
import { map } from "./map";
import { shown, table } from "./table";
import { t } from "./text";

const CSV = "/api/vaccination/progress.csv";

/** The page: doses by district, group and number, for everybody. */
export class ProgressApp {
  readonly #header = h("header", { class: "page-bar staff-bar" });
  readonly #main = h("main", { class: "epi progress", tabindex: -1 });
  /** What is drawn anew with each choice; above it the choices keep their focus. */
  readonly #choices = h("form", { class: "epi-fields progress-choices" });
  readonly #shown = h("div", { class: "epi-shown" });
  #data: Data | null = null;

  async start(): Promise<void> {
    document.body.prepend(this.#header, this.#main);
    onLanguage(() => this.#render());
    onTheme(() => this.#render());
    addEventListener("hashchange", () => this.#render());
    await this.#load();
  }

  async #load(): Promise<void> {
    this.#say(h("p", { role: "status" }, t("loading")));
    try {
      this.#data = await load();
      this.#render();
    } catch {
      this.#say(
        h("p", { role: "alert" }, t("noAnswer")),
        button({ class: "button" }, () => void this.#load(), t("retry")),
      );
    }
  }

  #say(...parts: HTMLElement[]): void {
    fillBarWithHome(this.#header, t("title"), t("home"));
    this.#main.replaceChildren(this.#shown);
    this.#shown.replaceChildren(...parts);
  }

  #render(): void {
    const data = this.#data;
    if (!data) return;
    fillBarWithHome(this.#header, t("title"), t("home"));
    const choice = chosen(location.hash, data);
    const focused = document.activeElement?.id;
    this.#choices.replaceChildren(...this.#fields(data, choice));
    if (focused) document.getElementById(focused)?.focus();
    this.#main.replaceChildren(this.#choices, this.#shown);
    this.#shown.replaceChildren(
      numbers(data, choice),
      ...(data.progress.districts.length === 0
        ? [h("p", { role: "status" }, t("nothing"))]
        : [picture(data, choice), districts(data, choice), groups(data, choice)]),
      about(data),
    );
  }

  #fields(data: Data, choice: Choice): HTMLElement[] {
    const go = (change: Partial<Choice>): void => {
      location.hash = hashOf({ ...choice, ...change });
    };
    return [
      field(
        "district",
        t("district"),
        [["", t("allDistricts")], ...data.units.map(({ code, name }) => pair(code, name))],
        choice.district,
        (district) => go({ district }),
      ),
      field(
        "group",
        t("group"),
        [["", t("allGroups")], ...data.groups.map((one) => pair(one.value, pick(one)))],
        choice.group,
        (group) => go({ group }),
      ),
      h(
        "div",
        { class: "field" },
        h("span", { class: "progress-label", id: "dose-label" }, t("dose")),
        h(
          "div",
          { class: "epi-spans", role: "group", "aria-labelledby": "dose-label" },
          ...numbersOf(data.progress).map((dose) =>
            button(
              { id: `dose-${dose}`, "aria-pressed": String(dose === choice.dose) },
              () => go({ dose }),
              t("doseN", { n: dose }),
            ),
          ),
        ),
      ),
    ];
  }
}

const pair = (value: string, title: string): [string, string] => [value, title];

function field(
  id: string,
  title: string,
  options: [string, string][],
  chosen: string | null,
  choose: (value: string | null) => void,
): HTMLElement {
  const select = h(
    "select",
    { id },
    ...options.map(([value, name]) =>
      h("option", { value, selected: value === (chosen ?? "") }, name),
    ),
  );
  select.addEventListener("change", () => choose(select.value || null));
  return h("div", { class: "field" }, h("label", { for: id }, title), select);
}

/** The numbers of what is chosen. */
function numbers({ progress, units }: Data, { district, group }: Choice): HTMLElement {
  const of = { district, group };
  const population = group === null ? populationOf(units, district) : null;
  const numbers = numbersOf(progress);
  const told = numbers.map((number) => doses(progress, of, number));
  const all = total(told.map(({ value }) => value));
  const people = (value: Told): string => {
    const percent = share(value, population);
    return percent === null ? t("people") : t("ofPopulation", { n: formatNumber(percent) });
  };
  const one = (id: string, title: string, value: Told, note: string): HTMLElement =>
    h(
      "div",
      { "data-figure": id },
      h("dt", {}, title),
      h("dd", {}, h("strong", {}, shown(value)), h("span", {}, note)),
    );
  const full = group === null ? complete(progress, district) : null;
  return h(
    "dl",
    { class: "epi-numbers" },
    ...told.map((value, i) =>
      one(`dose_${numbers[i]}`, t("doseN", { n: numbers[i] ?? 0 }), value, people(value)),
    ),
    full && one("complete", t("complete"), full, people(full)),
    one("all", t("allDoses"), { ...all, short: told.some(({ short }) => short) }, t("doses")),
  );
}

function populationOf(units: Data["units"], district: string | null): number | null {
  const found = units.filter(({ code }) => district === null || code === district);
  const { value, short } = total(found.map(({ population }) => population));
  return short ? null : value;
}

function districts(data: Data, { district, group, dose }: Choice): HTMLElement {
  const shares = group === null;
  const name = data.groups.find(({ value }) => value === group);
  return part(
    t("byDistrict"),
    name ? t("ofGroup", { group: pick(name) }) : null,
    t(shares ? "barShare" : "barMost", { n: dose }),
    table({
      caption: t("byDistrict"),
      head: t("district"),
      rows: byDistrict(data, group, t("nowhere")),
      numbers: numbersOf(data.progress),
      dose,
      shares,
      marked: district,
    }),
  );
}

function picture(data: Data, { district, group, dose }: Choice): HTMLElement | string {
  if (!data.outlines) return "";
  const shares = group === null;
  const name = data.groups.find(({ value }) => value === group);
  const about = t(shares ? "mapShare" : "mapDoses", { n: dose });
  return h(
    "section",
    { class: "epi-part progress-part" },
    h("h2", {}, t("map")),
    h(
      "p",
      { class: "epi-about" },
      name ? `${t("ofGroup", { group: pick(name) })} ${about}` : about,
    ),
    map({
      title: about,
      outlines: data.outlines,
      rows: byDistrict(data, group, t("nowhere")),
      at: numbersOf(data.progress).indexOf(dose),
      shares,
      marked: district,
    }),
  );
}

function groups(data: Data, { district, group, dose }: Choice): HTMLElement {
  const unit = data.units.find(({ code }) => code === district);
  return part(
    t("byGroup"),
    t("ofDistrict", { district: unit?.name ?? t("province") }),
    t("barMost", { n: dose }),
    table({
      caption: t("byGroup"),
      head: t("group"),
      rows: byGroup(data, district, pick, t("noGroup")),
      numbers: numbersOf(data.progress),
      dose,
      shares: false,
      marked: group,
    }),
  );
}

function part(title: string, of: string | null, bars: string, rows: HTMLElement): HTMLElement {
  const words = of ? `${of} ${bars}` : bars;
  return h(
    "section",
    { class: "epi-part" },
    h("h2", {}, title),
    h("p", { class: "epi-about" }, words),
    rows,
    download(CSV, title),
  );
}

function about({ progress: { counted_at, least } }: Data): HTMLElement {
  return h(
    "footer",
    { class: "progress-about" },
    h("p", {}, counted_at ? t("counted", { at: clock(counted_at) }) : t("notCounted")),
    h("p", {}, t("fewHint", { n: least })),
    h(
      "nav",
      { "aria-label": t("title") },
      h("a", { href: "/vaccinate" }, t("register")),
      h("a", { href: "/#on=vaccination_points" }, t("points")),
      h("a", { href: "/epidemic" }, t("levels")),
    ),
  );
}
