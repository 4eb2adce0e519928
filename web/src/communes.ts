import { fetchJson } from "./http";

/** What keeps things under a name on this device. */
export interface Keeper {
  kept: <T>(name: string) => Promise<T | undefined>;
  keep: (name: string, value: unknown) => Promise<void>;
}

const COMMUNES =
  "/ogc/collections/admin_units/items?f=json&level=commune&skipGeometry=true" +
  "&properties=code,name&limit=1000";
const KEPT = "communes";
const FRESH_MS = 86_400_000;

export interface Commune {
  code: string;
  name: string;
}

interface Kept {
  communes: Commune[];
  asked_at: number;
}

/** The communes by name: as they were kept a day ago at most, else from the server, else as kept. */
export async function communes(keeper: Keeper): Promise<Commune[]> {
  const known = await keeper.kept<Kept>(KEPT);
  if (known && Date.now() - known.asked_at < FRESH_MS) return known.communes;
  try {
    return await asked(keeper);
  } catch {
    return known?.communes ?? [];
  }
}

async function asked(keeper: Keeper): Promise<Commune[]> {
  const { features } = await fetchJson<{ features: { properties: Commune }[] }>(COMMUNES);
  const order = new Intl.Collator("vi");
  const found = features
    .map(({ properties: { code, name } }) => ({ code, name }))
    .sort((a, b) => order.compare(a.name, b.name));
  await keeper.keep(KEPT, { communes: found, asked_at: Date.now() } satisfies Kept);
  return found;
}
