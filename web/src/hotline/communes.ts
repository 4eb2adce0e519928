import { plain } from "../checkpoint/places";
import { fetchJson } from "../http";

const UNITS =
  "/ogc/collections/admin_units/items?f=json&skipGeometry=true" +
  "&properties=code,name,level,parent_code&limit=2000";
const KIND = /^(xa|phuong|thi tran) /;

interface Unit {
  code: string;
  name: string;
  level: string;
  parent_code: string | null;
}

export interface Commune {
  code: string;
  /** With its district: names of communes come more than once. */
  label: string;
}

/** A text without accents, capitals and doubled spaces. */
export function fold(text: string): string {
  return plain(text)
    .replace(/[\s,]+/g, " ")
    .trim();
}

/** The communes of the province, found by what an operator types. */
export class Communes {
  readonly all: readonly Commune[];
  readonly #folded: { commune: Commune; name: string; whole: string }[];

  constructor(units: readonly Unit[]) {
    const districts = new Map(units.map(({ code, name }) => [code, name]));
    const order = new Intl.Collator("vi");
    const communes = units.filter(({ level }) => level === "commune");
    this.#folded = communes
      .map(({ code, name, parent_code }) => {
        const label = [name, districts.get(parent_code ?? "")].filter(Boolean).join(", ");
        return { commune: { code, label }, name: fold(name), whole: fold(label) };
      })
      .sort((a, b) => order.compare(a.commune.label, b.commune.label));
    this.all = this.#folded.map(({ commune }) => commune);
  }

  /** Asks the server. */
  static async ask(): Promise<Communes> {
    const { features } = await fetchJson<{ features: { properties: Unit }[] }>(UNITS);
    return new Communes(features.map(({ properties }) => properties));
  }

  /** The communes that a text can mean, by the closest kind of match that there is. */
  find(typed: string): Commune[] {
    const text = fold(typed);
    if (text === "") return [];
    const kinds: ((one: { name: string; whole: string }) => boolean)[] = [
      ({ whole }) => whole === text,
      ({ name }) => name === text,
      ({ name }) => name.replace(KIND, "") === text,
      ({ whole }) => whole.replace(KIND, "").startsWith(text),
    ];
    for (const fits of kinds) {
      const found = this.#folded.filter(fits).map(({ commune }) => commune);
      if (found.length > 0) return found;
    }
    return [];
  }
}
