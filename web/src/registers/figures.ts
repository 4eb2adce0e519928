import { h } from "../dom";
import { formatNumber } from "../format";
import { fetchJson } from "../http";
import type { Texts } from "../texts/registers/vi";
import { t } from "./text";

interface PlaceFigures {
  place: string;
  name: string;
  state: string;
  capacity: number;
  occupied: number;
  cameras: number;
  cameras_working: number | null;
  /** Free places today and on each of the next fourteen days. */
  free: number[];
}

interface Figures {
  present: number;
  due_today: number;
  overdue: number;
  tests_today: number;
  tests_overdue: number;
  places: PlaceFigures[];
}

const DAYS = [0, 1, 3, 7, 14];

/** The figures of quarantine, and what will be free where. */
export async function figuresPart(address: string): Promise<HTMLElement> {
  const found = await fetchJson<Figures>(address);
  const numbers: [keyof Texts, number, boolean][] = [
    ["present", found.present, false],
    ["dueToday", found.due_today, false],
    ["overdue", found.overdue, true],
    ["testsToday", found.tests_today, false],
    ["testsOverdue", found.tests_overdue, true],
  ];
  return h(
    "section",
    { class: "figures", "aria-labelledby": "figures-title" },
    h("h2", { id: "figures-title" }, t("figures")),
    h(
      "dl",
      { class: "numbers" },
      ...numbers.map(([name, value, warns]) =>
        h(
          "div",
          { class: warns && value > 0 ? "number warn" : "number" },
          h("dt", {}, t(name)),
          h("dd", {}, formatNumber(value)),
        ),
      ),
    ),
    found.places.length > 0 && forecast(found.places),
  );
}

function forecast(places: PlaceFigures[]): HTMLElement {
  const days = DAYS.map((n) => (n === 0 ? t("now") : t("inDays", { n })));
  const failing = places.some((place) => fails(place));
  const head = [t("place"), t("occupied"), ...days, ...(failing ? [t("cameras")] : [])];
  return h(
    "details",
    { class: "forecast" },
    h("summary", {}, t("forecast")),
    h(
      "div",
      { class: "table-scroll", tabindex: 0, role: "region", "aria-label": t("forecast") },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...head.map((title) => h("th", { scope: "col" }, title)))),
        h("tbody", {}, ...places.map((place) => row(place, failing))),
      ),
    ),
  );
}

function fails({ cameras, cameras_working: working }: PlaceFigures): boolean {
  return working !== null && working < cameras;
}

function row(place: PlaceFigures, failing: boolean): HTMLElement {
  const words = t("camerasFail", {
    working: formatNumber(place.cameras_working ?? 0),
    all: formatNumber(place.cameras),
  });
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, place.name),
    h("td", {}, `${formatNumber(place.occupied)} / ${formatNumber(place.capacity)}`),
    ...DAYS.map((n) => {
      const free = place.free[n] ?? 0;
      return h("td", { class: free <= 0 ? "warn" : null }, formatNumber(free));
    }),
    failing && h("td", { class: fails(place) ? "warn" : null }, fails(place) ? words : ""),
  );
}
