import { expect, test } from "vitest";
import { newAlertDraft, propertiesOf } from "../src/board/alert-form";
import {
  areaOf,
  asMultiPolygon,
  inForce,
  inForceFilter,
  type Position,
  readAlert,
} from "../src/board/alert-model";

const NOW = Date.parse("2021-10-01T03:00:00Z");
const SQUARE: Position[] = [
  [108, 15],
  [109, 15],
  [109, 16],
  [108, 16],
];

test("an area is closed and turns to the left, whichever way it was drawn", () => {
  const ring = [...SQUARE, SQUARE[0]];
  expect(areaOf(SQUARE)).toEqual({ type: "MultiPolygon", coordinates: [[ring]] });
  expect(areaOf([...SQUARE].reverse())?.coordinates[0]?.[0]).toEqual([
    [108, 16],
    [108, 15],
    [109, 15],
    [109, 16],
    [108, 16],
  ]);
});

test("corners in one line, and fewer than three, are no area", () => {
  expect(areaOf(SQUARE.slice(0, 2))).toBeNull();
  expect(areaOf([SQUARE[0], [108.5, 15], SQUARE[1]] as Position[])).toBeNull();
});

test("a unit's area is one of the layer of alerts, whatever its parts", () => {
  const coordinates = areaOf(SQUARE)?.coordinates ?? [];
  expect(asMultiPolygon({ type: "Polygon", coordinates: coordinates[0] ?? [] })).toEqual({
    type: "MultiPolygon",
    coordinates,
  });
  expect(asMultiPolygon({ type: "Point", coordinates: [108, 15] })).toBeNull();
});

test("what is over or taken back is not in force; the most severe comes first", () => {
  const alert = (id: string, severity: string, expires: string, message = "Alert") =>
    readAlert({
      type: "Feature",
      id,
      geometry: areaOf(SQUARE) as GeoJSON.MultiPolygon,
      properties: { headline: id, severity, status: "Actual", area_desc: "x", message, expires },
    });
  const all = [
    alert("minor", "Minor", "2021-10-01T04:00:00Z"),
    alert("over", "Extreme", "2021-10-01T03:00:00Z"),
    alert("cancelled", "Extreme", "2021-10-02T00:00:00Z", "Cancel"),
    alert("later", "Severe", "2021-10-03T00:00:00Z"),
    alert("severe", "Severe", "2021-10-02T00:00:00Z"),
  ];
  expect(inForce(all, NOW).map(({ id }) => id)).toEqual(["severe", "later", "minor"]);
  expect(all[0]?.box).toEqual([108, 15, 109, 16]);
  expect(inForceFilter(NOW)).toBe(
    "message <> 'Cancel' AND expires > TIMESTAMP('2021-10-01T03:00:00Z')",
  );
});

test("what is sent has what was written, and when it ends", () => {
  const draft = newAlertDraft("1", true);
  Object.assign(draft.values, { headline: " Bão ", headline_en: "  ", hours: "6" });
  expect(propertiesOf(draft, NOW)).toEqual({
    headline: "Bão",
    category: "Met",
    severity: "Severe",
    urgency: "Immediate",
    certainty: "Likely",
    status: "Exercise",
    expires: "2021-10-01T09:00:00.000Z",
  });
  expect(newAlertDraft("2", false).values.status).toBe("Actual");
});
