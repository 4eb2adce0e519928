import type { FormColumn } from "../edit/fields";
import type { Bilingual } from "../locale";

/** A column of a register; `told`: whether its values are ever read. */
export interface RegisterColumn extends FormColumn {
  told: boolean;
}

/** Something that is done to a row. */
export interface ActionRecord {
  id: string;
  title: Bilingual;
  /** The states of a row in which it can be done; empty: all. */
  states: string[];
  confirm: Bilingual | null;
  grave: boolean;
  columns: FormColumn[];
}

/** A register, as its record describes it. */
export interface RegisterRecord {
  id: string;
  theme: Bilingual;
  title: Bilingual;
  description: Bilingual;
  titleColumn: string;
  stateColumn: string | null;
  /** The column that rows are listed by, with `-` before it where the last come first. */
  sort: string;
  /** The filter that the page begins with. */
  openedWith: Record<string, string>;
  listed: string[];
  /** What making a row is called; null: nobody makes rows here. */
  adding: Bilingual | null;
  removes: boolean;
  /** Whether deleted rows may come back. */
  revives: boolean;
  filters: string[];
  /** Where the figures of the register are; null: it has none. */
  figures: string | null;
  columns: RegisterColumn[];
  actions: ActionRecord[];
}

export type Row = Record<string, unknown>;

interface Named {
  value: string;
  title: string;
}

/** What the forms of a register offer to choose from. */
export interface Offers {
  places: { value: string; title: Bilingual; code: string; own: boolean }[];
  communes: Named[];
  districts: Named[];
}

/**
 * Columns that keep codes of places and units, with what there is to choose.
 *
 * @param own whether only places are offered where the person keeps rows.
 */
export function withOffers<C extends FormColumn>(columns: C[], offers: Offers, own: boolean): C[] {
  const codes: Record<string, Record<string, Bilingual>> = {
    place: Object.fromEntries(
      offers.places
        .filter((place) => !own || place.own)
        .map(({ value, title, code }) => [value, code ? suffixed(title, code) : title]),
    ),
    home_commune: named(offers.communes),
    commune_code: named(offers.communes),
    district_code: named(offers.districts),
  };
  return columns.map((column) =>
    codes[column.name] ? { ...column, codes: codes[column.name] ?? null } : column,
  );
}

function suffixed(title: Bilingual, code: string): Bilingual {
  return { vi: `${title.vi} (${code})`, en: `${title.en} (${code})` };
}

function named(list: Named[]): Record<string, Bilingual> {
  return Object.fromEntries(list.map(({ value, title }) => [value, { vi: title, en: title }]));
}

/** The actions that a row's state allows. */
export function possible(record: RegisterRecord, row: Row): ActionRecord[] {
  const state = record.stateColumn === null ? "" : String(row[record.stateColumn] ?? "");
  return record.actions.filter(({ states }) => states.length === 0 || states.includes(state));
}
