// What /api/vaccination/progress says, and the rows that are made of it.
import { fetchJson } from "../http";
import type { Bilingual } from "../locale";

interface DistrictDoses {
  /** Empty: of people whose home is not known. */
  district: string;
  name: string | null;
  number: number;
  population: number | null;
  doses: number | null;
  complete: number | null;
}

interface GroupDoses {
  district: string;
  priority_group: string;
  number: number;
  doses: number | null;
}

/** Doses by district, group and number; null where few are not told. */
export interface Progress {
  least: number;
  counted_at: string | null;
  districts: DistrictDoses[];
  cells: GroupDoses[];
}

export interface Unit {
  code: string;
  name: string;
  population: number | null;
}

export interface Group extends Bilingual {
  value: string;
}

/** The districts as paths of SVG, in a picture of that size. */
export interface Outlines {
  width: number;
  height: number;
  areas: { code: string; path: string }[];
}

export interface Data {
  progress: Progress;
  units: Unit[];
  groups: Group[];
  /** Null where they did not come: the tables say the same. */
  outlines: Outlines | null;
}

/** A sum of numbers; `short` where some of them are not told. */
export interface Told {
  value: number;
  short: boolean;
}

/** A district or a group with its doses, by their numbers in order. */
export interface Row {
  id: string;
  name: string;
  population: number | null;
  doses: Told[];
  /** People who had all doses; null where it is not told of what is chosen. */
  complete: Told | null;
}

/** What is chosen; null: all. */
export interface Choice {
  district: string | null;
  group: string | null;
  /** The number of the dose. */
  dose: number;
}

const UNITS =
  "/ogc/collections/admin_units/items?f=json&level=district&skipGeometry=true" +
  "&properties=code,name,population&limit=1000";

export async function load(): Promise<Data> {
  const [progress, { features }, { groups }, outlines] = await Promise.all([
    fetchJson<Progress>("/api/vaccination/progress"),
    fetchJson<{ features: { properties: Unit }[] }>(UNITS),
    fetchJson<{ groups: Group[] }>("/api/vaccination/form"),
    fetchJson<Outlines>("/api/figures/outlines?level=district").catch(() => null),
  ]);
  const order = new Intl.Collator("vi");
  const units = features
    .map(({ properties: { code, name, population } }) => ({ code, name, population }))
    .sort((a, b) => order.compare(a.name, b.name));
  return { progress, units, groups, outlines };
}

/** The numbers of doses that were given to anybody, the first always. */
export function numbersOf({ districts }: Progress): number[] {
  return [...new Set([1, ...districts.map(({ number }) => number)])].sort((a, b) => a - b);
}

export function total(values: readonly (number | null)[]): Told {
  return {
    value: values.reduce<number>((all, value) => all + (value ?? 0), 0),
    short: values.includes(null),
  };
}

/** The doses of a district, of a group, of both, or of all. */
export function doses(
  { districts, cells }: Progress,
  { district, group }: Pick<Choice, "district" | "group">,
  number: number,
): Told {
  const from: { district: string; number: number; doses: number | null }[] =
    group === null ? districts : cells.filter((cell) => cell.priority_group === group);
  return total(
    from
      .filter((one) => one.number === number && (district === null || one.district === district))
      .map((one) => one.doses),
  );
}

/** How many of a district, or of all, had all their doses. */
export function complete({ districts }: Progress, district: string | null): Told {
  return total(
    districts
      .filter((one) => district === null || one.district === district)
      .map((one) => one.complete),
  );
}

/** The districts, of one group or of all; people of an unknown home last, if there are any. */
export function byDistrict(
  { progress, units }: Data,
  group: string | null,
  nowhere: string,
): Row[] {
  const unknown = { code: "", name: nowhere, population: null };
  const listed = progress.districts.some(({ district }) => district === "")
    ? [...units, unknown]
    : units;
  return listed.map(({ code, name, population }) => ({
    id: code,
    name,
    population: group === null ? population : null,
    doses: numbersOf(progress).map((number) => doses(progress, { district: code, group }, number)),
    complete: group === null ? complete(progress, code) : null,
  }));
}

/** The groups in their order, of one district or of all; doses of no known group last, if any. */
export function byGroup(
  { progress, groups }: Data,
  district: string | null,
  nameOf: (group: Group) => string,
  noGroup: string,
): Row[] {
  const known = groups.map((group) => ({ id: group.value, name: nameOf(group) }));
  const listed = progress.cells.some((cell) => cell.priority_group === "")
    ? [...known, { id: "", name: noGroup }]
    : known;
  return listed.map(({ id, name }) => ({
    id,
    name,
    population: null,
    doses: numbersOf(progress).map((number) => doses(progress, { district, group: id }, number)),
    complete: null,
  }));
}

/** Per cent of a population, to one decimal; null where it is not known, or not all is told. */
export function share({ value, short }: Told, population: number | null): number | null {
  return short || !population ? null : Math.round((1000 * value) / population) / 10;
}

/** What the part of an address after its hash chooses, as far as there is such a thing. */
export function chosen(hash: string, { progress, units, groups }: Data): Choice {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const among = (name: string, values: string[]): string | null =>
    values.find((value) => value === asked.get(name)) ?? null;
  const dose = Number(asked.get("dose"));
  return {
    district: among(
      "district",
      units.map(({ code }) => code),
    ),
    group: among(
      "group",
      groups.map(({ value }) => value),
    ),
    dose: numbersOf(progress).includes(dose) ? dose : 1,
  };
}

export function hashOf({ district, group, dose }: Choice): string {
  const parts = new URLSearchParams();
  if (district) parts.set("district", district);
  if (group) parts.set("group", group);
  if (dose > 1) parts.set("dose", String(dose));
  return `#${parts}`;
}
