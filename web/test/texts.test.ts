import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { en as boardEn } from "../src/texts/board/en";
import { vi as boardVi } from "../src/texts/board/vi";
import { en as checkInEn } from "../src/texts/check-in/en";
import { vi as checkInVi } from "../src/texts/check-in/vi";
import { en as checkpointEn } from "../src/texts/checkpoint/en";
import { vi as checkpointVi } from "../src/texts/checkpoint/vi";
import { en as consultEn } from "../src/texts/consult/en";
import { vi as consultVi } from "../src/texts/consult/vi";
import { en as dashboardEn } from "../src/texts/dashboard/en";
import { vi as dashboardVi } from "../src/texts/dashboard/vi";
import { en as declareEn } from "../src/texts/declare/en";
import { vi as declareVi } from "../src/texts/declare/vi";
import { en as directivesEn } from "../src/texts/directives/en";
import { vi as directivesVi } from "../src/texts/directives/vi";
import { en as editEn } from "../src/texts/edit/en";
import { vi as editVi } from "../src/texts/edit/vi";
import { en } from "../src/texts/en";
import { en as epidemicEn } from "../src/texts/epidemic/en";
import { vi as epidemicVi } from "../src/texts/epidemic/vi";
import { en as flagsEn } from "../src/texts/flags/en";
import { vi as flagsVi } from "../src/texts/flags/vi";
import { en as hotlineEn } from "../src/texts/hotline/en";
import { vi as hotlineVi } from "../src/texts/hotline/vi";
import { en as menuEn } from "../src/texts/menu/en";
import { vi as menuVi } from "../src/texts/menu/vi";
import { en as pickerEn } from "../src/texts/picker/en";
import { vi as pickerVi } from "../src/texts/picker/vi";
import { en as progressEn } from "../src/texts/progress/en";
import { vi as progressVi } from "../src/texts/progress/vi";
import { en as registersEn } from "../src/texts/registers/en";
import { vi as registersVi } from "../src/texts/registers/vi";
import { en as sosEn } from "../src/texts/sos/en";
import { vi as sosVi } from "../src/texts/sos/vi";
import { en as teamEn } from "../src/texts/team/en";
import { vi as teamVi } from "../src/texts/team/vi";
import { en as analyseEn } from "../src/texts/tools/analyse/en";
import { vi as analyseVi } from "../src/texts/tools/analyse/vi";
import { en as areaEn } from "../src/texts/tools/area/en";
import { vi as areaVi } from "../src/texts/tools/area/vi";
import { en as compareEn } from "../src/texts/tools/compare/en";
import { vi as compareVi } from "../src/texts/tools/compare/vi";
import { en as filterEn } from "../src/texts/tools/filter/en";
import { vi as filterVi } from "../src/texts/tools/filter/vi";
import { en as measureEn } from "../src/texts/tools/measure/en";
import { vi as measureVi } from "../src/texts/tools/measure/vi";
import { en as printEn } from "../src/texts/tools/print/en";
import { vi as printVi } from "../src/texts/tools/print/vi";
import { en as timeEn } from "../src/texts/tools/time/en";
import { vi as timeVi } from "../src/texts/tools/time/vi";
import { en as windowsEn } from "../src/texts/tools/windows/en";
import { vi as windowsVi } from "../src/texts/tools/windows/vi";
import { en as tracingEn } from "../src/texts/tracing/en";
import { vi as tracingVi } from "../src/texts/tracing/vi";
import { en as vaccinateEn } from "../src/texts/vaccinate/en";
import { vi as vaccinateVi } from "../src/texts/vaccinate/vi";
import { en as vaccinationEn } from "../src/texts/vaccination/en";
import { vi as vaccinationVi } from "../src/texts/vaccination/vi";
import { vi } from "../src/texts/vi";

type Catalogue = Record<string, string>;

/** The catalogues: the Vietnamese one, the English one, by page. */
const CATALOGUES: Record<string, [Catalogue, Catalogue]> = {
  map: [vi, en],
  board: [boardVi, boardEn],
  consult: [consultVi, consultEn],
  dashboard: [dashboardVi, dashboardEn],
  declare: [declareVi, declareEn],
  directives: [directivesVi, directivesEn],
  edit: [editVi, editEn],
  epidemic: [epidemicVi, epidemicEn],
  flags: [flagsVi, flagsEn],
  hotline: [hotlineVi, hotlineEn],
  menu: [menuVi, menuEn],
  picker: [pickerVi, pickerEn],
  progress: [progressVi, progressEn],
  registers: [registersVi, registersEn],
  sos: [sosVi, sosEn],
  team: [teamVi, teamEn],
  tracing: [tracingVi, tracingEn],
  vaccinate: [vaccinateVi, vaccinateEn],
  vaccination: [vaccinationVi, vaccinationEn],
  checkpoint: [checkpointVi, checkpointEn],
  "check-in": [checkInVi, checkInEn],
  "tools/filter": [filterVi, filterEn],
  "tools/analyse": [analyseVi, analyseEn],
  "tools/area": [areaVi, areaEn],
  "tools/measure": [measureVi, measureEn],
  "tools/compare": [compareVi, compareEn],
  "tools/print": [printVi, printEn],
  "tools/time": [timeVi, timeEn],
  "tools/windows": [windowsVi, windowsEn],
};
const each = test.each(Object.entries(CATALOGUES));

const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

each(
  "%s: both languages have the same texts, none empty, with the same places to fill",
  (_, of) => {
    const [first, second] = of;
    expect(Object.keys(second).sort()).toEqual(Object.keys(first).sort());
    for (const [key, text] of Object.entries(first)) {
      expect(text.trim(), key).not.toBe("");
      expect(second[key]?.trim(), key).not.toBe("");
      expect(places(second[key] ?? ""), key).toEqual(places(text));
    }
  },
);

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === "texts" ? [] : sources(path);
    return path.endsWith(".ts") ? [path] : [];
  });
}

each("%s: every text is used", (page, [texts]) => {
  const own = join(import.meta.dirname, "../src/sos");
  const shared = ["queue-page.ts", "own-parts.ts"].map((name) =>
    join(import.meta.dirname, "../src", name),
  );
  // A tool's texts are used by the tool alone.
  const root = join(import.meta.dirname, "../src", page.startsWith("tools/") ? page : "");
  const code = sources(root)
    .filter((path) => shared.includes(path) || path.startsWith(own) === (page === "sos"))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  const unused = Object.keys(texts).filter(
    (key) => !code.includes(`"${key}"`) && !code.includes(`vi.${key}`),
  );
  expect(unused).toEqual([]);
});

test("Vietnamese letters are nowhere but in the catalogue and in names of languages", () => {
  for (const path of sources(join(import.meta.dirname, "../src"))) {
    const code = readFileSync(path, "utf8").replace("Tiếng Việt", "");
    expect(code.match(/[à-ỹđĐ]/gu) ?? [], path).toEqual([]);
  }
});
