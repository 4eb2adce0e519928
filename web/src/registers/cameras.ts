import { h } from "../dom";
import { formatInstant, formatNumber } from "../format";
import type { Texts } from "../texts/registers/vi";
import { tableDetails } from "./table-details";
import { t } from "./text";

const STATES = ["up", "down", "maintenance", "unknown"] as const;
type State = (typeof STATES)[number];

/** How many cameras there are, and in which state. */
export type CameraCounts = Record<State | "all", number>;

/** The cameras of a place, and those that are not up, each since when. */
export interface PlaceCameras extends CameraCounts {
  place: string;
  code: string;
  name: string;
  out: { code: string; operator: string; state: State; since: string }[];
}

const WORDS: Record<State, keyof Texts> = {
  up: "cameraUp",
  down: "cameraDown",
  maintenance: "cameraMaintenance",
  unknown: "cameraUnknown",
};

/** The cameras of all places together. */
export function cameraTotals(places: readonly PlaceCameras[]): CameraCounts {
  const total = (name: keyof CameraCounts): number =>
    places.reduce((sum, place) => sum + place[name], 0);
  return {
    all: total("all"),
    up: total("up"),
    down: total("down"),
    maintenance: total("maintenance"),
    unknown: total("unknown"),
  };
}

/** The cameras of each place by state; those that are out by code and time. */
export function camerasPart(places: PlaceCameras[], zone: string): HTMLElement {
  const { up, all } = cameraTotals(places);
  const head = [t("place"), t("camerasAll"), ...STATES.map((state) => t(WORDS[state]))];
  const summary = t("camerasWork", { up: formatNumber(up), all: formatNumber(all) });
  return tableDetails(
    summary,
    t("cameras"),
    [...head, t("camerasOut")],
    places.map((place) => row(place, zone)),
  );
}

function row(place: PlaceCameras, zone: string): HTMLElement {
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, `${place.name} (${place.code})`),
    h("td", {}, formatNumber(place.all)),
    ...STATES.map((state) =>
      h(
        "td",
        { class: state === "down" && place.down > 0 ? "warn" : null },
        formatNumber(place[state]),
      ),
    ),
    h(
      "td",
      {},
      place.out.length > 0 &&
        h(
          "ul",
          { class: "cameras-out" },
          ...place.out.map(({ code, operator, state, since }) => {
            const values = {
              code,
              operator,
              state: t(WORDS[state]),
              at: formatInstant(since, zone),
            };
            return h("li", {}, t("cameraOut", values));
          }),
        ),
    ),
  );
}
