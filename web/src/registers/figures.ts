import { h } from "../dom";
import { formatNumber } from "../format";
import { fetchJson } from "../http";
import type { Texts } from "../texts/registers/vi";
import { camerasPart, cameraTotals, type PlaceCameras } from "./cameras";
import { tableDetails } from "./table-details";
import { t } from "./text";

interface PlaceFigures {
  place: string;
  name: string;
  state: string;
  capacity: number;
  occupied: number;
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
const CAMERAS = "/api/quarantine/cameras";

/** The figures of quarantine, what will be free where, and the cameras of the places. */
export async function figuresPart(address: string, zone: string): Promise<HTMLElement> {
  const [found, { places: watched }] = await Promise.all([
    fetchJson<Figures>(address),
    fetchJson<{ places: PlaceCameras[] }>(CAMERAS),
  ]);
  const cameras = cameraTotals(watched);
  const numbers: (readonly [keyof Texts, number, boolean])[] = [
    ["present", found.present, false],
    ["dueToday", found.due_today, false],
    ["overdue", found.overdue, true],
    ["testsToday", found.tests_today, false],
    ["testsOverdue", found.tests_overdue, true],
    ...(watched.length > 0 ? [["camerasDown", cameras.down, true] as const] : []),
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
    watched.length > 0 && camerasPart(watched, zone),
  );
}

function forecast(places: PlaceFigures[]): HTMLElement {
  const days = DAYS.map((n) => (n === 0 ? t("now") : t("inDays", { n })));
  const head = [t("place"), t("occupied"), ...days];
  return tableDetails(t("forecast"), t("forecast"), head, places.map(row));
}

function row(place: PlaceFigures): HTMLElement {
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, place.name),
    h("td", {}, `${formatNumber(place.occupied)} / ${formatNumber(place.capacity)}`),
    ...DAYS.map((n) => {
      const free = place.free[n] ?? 0;
      return h("td", { class: free <= 0 ? "warn" : null }, formatNumber(free));
    }),
  );
}
